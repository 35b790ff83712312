import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSignature } from '../../src/model/signature.ts'
import { flowers, signatureOf, writeModel } from '../model-folder.ts'

type Data = ReturnType<typeof signatureOf>
const spoilt: [what: string, spoil: (data: Data) => unknown, sentence: RegExp][] = [
  ['a missing field', ({ labels: _labels, ...rest }) => rest, /: the signature lacks labels$/],
  ['an unknown field', (data) => ({ ...data, lables: [] }), /: the signature has an unknown field "lables"$/],
  ['an unknown field deep inside', (data) => { Object.assign(data.training.classes[1]!, { x: 1 }) }, /: training\.classes\[1\] has an unknown field "x"$/],
  ['a wrong type', (data) => { Object.assign(data.inputs[2]!, { name: 5 }) }, /: inputs\[2\]\.name must be string; got 5$/],
  ['no object', () => [1], /: the signature must be object; got \[1\]$/],
  ['a label twice', (data) => { data.labels[1] = data.labels[0]! }, /: labels must NOT have duplicate items/],
  ['a name that no URL takes', (data) => { data.name = 'a/b' }, /: name must match pattern .*; got "a\/b"$/],
  ['an input twice', (data) => { data.inputs[3]!.name = 'sepal_length' }, /: inputs\[3\]\.name "sepal_length" is used twice$/],
  ['a range upside down', (data) => { data.inputs[0]!.minimum = 501 }, /: inputs\[0\]\.minimum must be at most its maximum 500; got 501$/],
  ['a version that is not the folder', (data) => { data.version = '2' }, /: version must be the folder's number "1"; got "2"$/],
  ['a field that every object has', (data) => { data.predict.request = 'constructor' }, /: predict\.request must not be "constructor"/],
  ['a golden row too short', (data) => { data.golden[1]!.input.pop() }, /: golden\[1\]\.input must have 4 entries; got 3$/],
  ['golden probabilities too many', (data) => { data.golden[0]!.probabilities.push(0) }, /: golden\[0\]\.probabilities must have 3 entries; got 4$/],
  ['golden probabilities that sum to 2', (data) => { data.golden[0]!.probabilities = [1, 1, 0] }, /: golden\[0\]\.probabilities must sum to 1; got 2$/],
  ['a negative golden probability', (data) => { data.golden[0]!.probabilities = [-0.5, 1, 0.5] }, /: golden\[0\]\.probabilities must not be negative$/],
  ['an unknown golden label', (data) => { data.golden[0]!.label = 'rose' }, /: golden\[0\]\.label must be one of the labels; got "rose"$/],
  ['a golden label that is not the likeliest', (data) => { data.golden[0]!.probabilities.reverse() }, /: golden\[0\]\.label must be the most probable label/],
  ['no golden examples', (data) => { data.golden = [] }, /: golden must NOT have fewer than 1 items/],
  ['training statistics of another width', (data) => { data.training.mean = [1] }, /: training\.mean must have 4 entries; got 1$/],
  ['training classes in another order', (data) => { data.training.classes.reverse() }, /: training\.classes\[0\]\.label must be "Iris-setosa"; got "Iris-virginica"$/],
  ['training rows that do not add up', (data) => { data.training.rows = 29 }, /: training\.rows must be the sum of its classes' rows 30; got 29$/],
  ['a precision matrix that is not square', (data) => { data.training.precision[2] = [1] }, /: training\.precision\[2\] must have 4 entries; got 1$/]
]

for (const [what, spoil, sentence] of spoilt) {
  test(`refuses ${what}`, async (t) => {
    const data = structuredClone(signatureOf(flowers))
    const folder = join(await writeModel(t, flowers, { signature: spoil(data) ?? data }), '1')
    await assert.rejects(readSignature({ folder, number: '1' }), (error: Error) => {
      assert.equal(error.name, 'ModelError')
      assert.match(error.message, /^signature\.json: /)
      assert.match(error.message, sentence)
      return true
    })
  })
}

test('refuses what is not JSON, and a missing file', async (t) => {
  const broken = join(await writeModel(t, flowers, { signature: '{"name":' }), '1')
  await assert.rejects(readSignature({ folder: broken }), { message: 'signature.json is not valid JSON' })
  const missing = join(await writeModel(t, flowers, { signature: null }), '1')
  await assert.rejects(readSignature({ folder: missing }), { message: 'signature.json is missing' })
})

test('the version is free where the folder has no number', async (t) => {
  const folder = join(await writeModel(t, flowers, { signature: signatureOf(flowers, '2026-01') }), '1')
  assert.equal((await readSignature({ folder })).version, '2026-01')
})
