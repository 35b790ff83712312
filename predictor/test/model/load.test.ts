import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { memory } from '@tensorflow/tfjs-core'
import { startBackend } from '../../src/model/backend.ts'
import { loadHighest } from '../helper.ts'
import { type Files, flowers, fruit, manifestOf, signatureOf, weightsOf, writeModel } from '../model-folder.ts'

type Dense = { activation: string, class_name: string, config: { activation: string, units: number } }
const manifest = (change: (layer: Dense, data: ReturnType<typeof manifestOf>) => void) => {
  const data = structuredClone(manifestOf(flowers))
  change(data.modelTopology.config.layers[0] as unknown as Dense, data)
  return data
}
const goldenOff = signatureOf(flowers)
goldenOff.golden[0]!.probabilities[2]! -= 0.001
goldenOff.golden[0]!.probabilities[1]! += 0.001
const zeroes = Buffer.alloc(weightsOf(flowers).length)

const mismatches: [what: string, files: Files, sentence: RegExp][] = [
  ['a signature of another width', { signature: signatureOf(fruit) }, /model\.json: the model takes \[rows, 4\] where signature\.json has 2 inputs$/],
  ['a signature with other labels', {
    signature: signatureOf({ ...flowers, labels: ['a', 'b'], kernel: flowers.kernel.map((row) => row.slice(0, 2)), bias: [0, 0] })
  }, /model\.json: the model gives \[rows, 3\] where signature\.json has 2 labels$/],
  ['weights of another shape', { manifest: manifest((_, data) => { data.weightsManifest[0]!.weights[0]!.shape = [3, 4] }) }, /model\.json: .*shape/i],
  ['weights of another name', { manifest: manifest((_, data) => { data.weightsManifest[0]!.weights[1]!.name = 'dense/bios' }) }, /model\.json: .*dense\/bios/i],
  ['an unknown layer', { manifest: manifest((layer) => { layer.class_name = 'Telepathy' }) }, /model\.json: Unknown layer: Telepathy/],
  ['a topology that is no model', { manifest: { ...manifestOf(flowers), modelTopology: {} } }, /model\.json: /],
  ['golden probabilities that are off', { signature: goldenOff }, /golden\[0\]: the model answers "Iris-virginica" with 0\.\d+ for "Iris-versicolor" where signature\.json has "Iris-virginica" with 0\.\d+$/],
  ['other weights than the golden examples were made with', { weights: zeroes }, /golden\[0\]: the model answers/],
  ['output that is no probabilities', { manifest: manifest((layer) => { layer.config.activation = 'linear' }) }, /golden\[0\]: the model's output is not probabilities; got \[/]
]

for (const [what, files, sentence] of mismatches) {
  test(`refuses ${what}, and keeps no tensor of it`, async (t) => {
    await startBackend('cpu')
    const root = await writeModel(t, flowers, files)
    const before = memory().numTensors
    await assert.rejects(loadHighest(root), (error: Error) => {
      assert.equal(error.name, 'ModelError')
      assert.ok(!error.message.includes('\n') && error.message.startsWith(join(root, '1', '/')))
      assert.match(error.message, sentence)
      return true
    })
    assert.equal(memory().numTensors, before)
  })
}

test('a disposed model leaves nothing in memory', async (t) => {
  await startBackend('cpu')
  const root = await writeModel(t, flowers)
  const before = memory().numTensors
  const model = await loadHighest(root)
  assert.ok(memory().numTensors > before)
  model.dispose()
  assert.equal(memory().numTensors, before)
})
