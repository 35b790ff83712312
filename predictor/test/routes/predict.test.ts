import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predict, predictor } from '../helper.ts'

test('a row is answered with its label and nothing else', async (t) => {
  const { app } = await predictor(t)
  for (const [row, label] of [['5.1,3.5,1.4,0.2', 'setosa'], ['5.9,3,4.2,1.5', 'versicolor'], ['6.3,3.3,6,2.5', 'virginica']]) {
    const response = await predict(app, `{"iris_dimensions":[${row}]}`)
    assert.deepEqual([response.statusCode, response.body], [200, `{"iris_type":"Iris-${label}"}`])
    assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  }
})

test('sibling keys are ignored, __proto__ and constructor among them', async (t) => {
  const { app } = await predictor(t)
  const response = await predict(app, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"note":"x","iris_dimensions":[5.1,3.5,1.4,0.2]}')
  assert.equal(response.body, '{"iris_type":"Iris-setosa"}')
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.equal((await predict(app, '{"__proto__":{"iris_dimensions":[1,2,3,4]}}')).statusCode, 400)
})

const list = 'iris_dimensions must be an array of exactly 4 numbers (sepal_length, sepal_width, petal_length, petal_width in cm)'
const entry = 'iris_dimensions[2] (petal_length) must be a finite number'
const tooLarge = 'iris_dimensions holds a number too large for the model\'s 32-bit arithmetic'
const refusals: [body: string, sentence: string][] = [
  ['{}', `${list}; got nothing`],
  ['{"iris_dimensions":null}', `${list}; got null`],
  ['{"iris_dimensions":"5.1,3.5,1.4,0.2"}', `${list}; got "5.1,3.5,1.4,0.2"`],
  ['{"iris_dimensions":{"0":1,"1":2,"2":3,"3":4,"length":4}}', `${list}; got {"0":1,"1":2,"2":3,"3":4,"length":4}`],
  ['{"iris_dimensions":[]}', `${list}; got 0 entries`],
  ['{"iris_dimensions":[1]}', `${list}; got 1 entry`],
  ['{"iris_dimensions":[1,2,3]}', `${list}; got 3 entries`],
  ['{"iris_dimensions":[1,2,3,4,5]}', `${list}; got 5 entries`],
  ['{"iris_dimensions":[[5.1,3.5,1.4,0.2]]}', `${list}; got 1 entry`],
  ['{"iris_dimensions":[5.1,3.5,"1.4",0.2]}', `${entry}; got "1.4"`],
  ['{"iris_dimensions":[5.1,3.5,null,0.2]}', `${entry}; got null`],
  ['{"iris_dimensions":[5.1,3.5,true,0.2]}', `${entry}; got true`],
  ['{"iris_dimensions":[5.1,3.5,[1.4],0.2]}', `${entry}; got [1.4]`],
  ['{"iris_dimensions":[5.1,3.5,1e999,0.2]}', `${entry}; got a number beyond double precision`],
  ['{"iris_dimensions":[5.1,3.5,1e39,0.2]}', tooLarge],
  ['{"iris_dimensions":[5.1,3.5,3e38,0.2]}', tooLarge],
  ['{"iris_dimensions":[5.1,3.5,-3e38,0.2]}', tooLarge],
  ['[5.1,3.5,1.4,0.2]', 'the body must be an object with iris_dimensions; got [5.1,3.5,1.4,0.2]'],
  ['null', 'the body must be an object with iris_dimensions; got null'],
  ['"x"', 'the body must be an object with iris_dimensions; got "x"']
]

for (const [body, sentence] of refusals) {
  test(`refuses ${body}`, async (t) => {
    const { app } = await predictor(t)
    const response = await predict(app, body)
    assert.equal(response.statusCode, 400)
    assert.deepEqual(response.json(), { error: sentence, code: 'INVALID_INPUT', requestId: response.headers['x-request-id'] })
  })
}

test('a list nested deeper than JSON can write back is refused like any other', async (t) => {
  const { app } = await predictor(t)
  const response = await predict(app, `{"iris_dimensions":[1,2,3,${'['.repeat(200_000)}${']'.repeat(200_000)}]}`)
  assert.deepEqual([response.statusCode, response.json().code], [400, 'INVALID_INPUT'])
})
