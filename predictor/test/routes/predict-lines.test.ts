import assert from 'node:assert/strict'
import { test } from 'node:test'
import { post, predictor } from '../helper.ts'

const lines = 'application/x-ndjson'
const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const setosa = '{"status":200,"body":{"iris_type":"Iris-setosa"}}\n'

test('a line an answer, in the same order; one bad line spoils no other', async (t) => {
  const { app } = await predictor(t)
  const response = await post(app, lines, `${row}\n{"iris_dimensions":[1]}\n{\n{"iris_dimensions":[6.3,3.3,6,2.5]}\n`, { 'x-request-id': 'mine' })
  assert.deepEqual([response.statusCode, response.headers['content-type'], response.headers['x-request-id']], [200, lines, 'mine'])
  assert.deepEqual(response.body.split('\n').slice(0, -1).map((line) => JSON.parse(line)), [
    { status: 200, body: { iris_type: 'Iris-setosa' } },
    {
      status: 400,
      body: {
        error: 'iris_dimensions must be an array of exactly 4 numbers (sepal_length, sepal_width, petal_length, petal_width in cm); got 1 entry',
        code: 'INVALID_INPUT',
        requestId: 'mine'
      }
    },
    { status: 400, body: { error: 'the body must be JSON; it could not be parsed', code: 'INVALID_JSON', requestId: 'mine' } },
    { status: 200, body: { iris_type: 'Iris-virginica' } }
  ])
})

for (const [what, body, count] of [
  ['LF', `${row}\n${row}\n`, 2], ['CRLF', `${row}\r\n${row}\r\n`, 2], ['a last line without an end', `${row}\n${row}`, 2], ['one line', row, 1]
] as const) {
  test(`lines end as they like: ${what}`, async (t) => {
    const { app } = await predictor(t)
    assert.equal((await post(app, lines, body)).body, setosa.repeat(count))
  })
}

test('an empty line has an answer of its own, so that the nth answer belongs to the nth line', async (t) => {
  const { app } = await predictor(t)
  for (const body of [`${row}\n\n${row}\n`, `${row}\r\n\r\n${row}`]) {
    const answers = (await post(app, lines, body)).body.split('\n').slice(0, -1).map((line) => JSON.parse(line))
    assert.deepEqual(answers.map(({ status }) => status), [200, 400, 200])
    assert.equal(answers[1].body.error, 'the body must be JSON; got nothing')
  }
  assert.equal((await post(app, lines, '\n')).body.split('\n').length, 2)
})

test('no line at all is refused', async (t) => {
  const { app } = await predictor(t)
  const response = await post(app, lines, '')
  assert.deepEqual([response.statusCode, response.json().error], [400, 'the body must hold a JSON object a line; got nothing'])
})

test('more rows than BATCH_ROWS_MAX: 413, and nothing is executed; as many are answered', async (t) => {
  const { app, model } = await predictor(t, undefined, 'cpu', { rowsMax: 3, executionMax: 2 })
  for (const body of [`${row}\n`.repeat(3), `${row}\n${row}\n${row}`]) assert.equal((await post(app, lines, body)).body, setosa.repeat(3))
  model.classify = () => { throw new Error('not to be asked') }
  for (const body of [`${row}\n`.repeat(4), `${row}\n${row}\n${row}\n\n`, '\n'.repeat(2 ** 20)]) {
    const response = await post(app, lines, body)
    assert.deepEqual([response.statusCode, response.json().code, response.json().error], [413, 'BODY_TOO_LARGE', 'the body must hold at most 3 rows'])
  }
})

test('a body over 1 MiB: 413', async (t) => {
  const { app } = await predictor(t)
  assert.equal((await post(app, lines, ' '.repeat(2 ** 20 + 1))).json().error, 'the body must be at most 1048576 bytes')
})

test('slices are no larger than the queue, also when BATCH_MAX is', async (t) => {
  const { app } = await predictor(t, undefined, 'cpu', { queueMax: 3, executionMax: 100 })
  assert.equal((await post(app, lines, `${row}\n`.repeat(10))).body, setosa.repeat(10))
})

test('a row on which the model throws is 500 in its line', async (t) => {
  const { app, model, lines: logged } = await predictor(t)
  const { classify } = model
  model.classify = (rows) => {
    if (rows.some(([first]) => first === 13)) throw new Error('planted bug')
    return classify(rows)
  }
  const answers = (await post(app, lines, `${row}\n${row.replace('5.1', '13')}\n${row}\n`, { 'x-request-id': 'mine' })).body.split('\n')
  assert.deepEqual([answers[0], answers[2]], [setosa.trim(), setosa.trim()])
  assert.equal(answers[1], '{"status":500,"body":{"error":"internal error","code":"INTERNAL","requestId":"mine"}}')
  assert.deepEqual(logged.filter(({ level }) => level === 50).map(({ requestId }) => requestId), ['mine'])
})
