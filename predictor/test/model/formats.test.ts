import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackendName } from '../../src/model/backend.ts'
import { load } from '../helper.ts'
import { expected, flowers, manifestOf, writeModel } from '../model-folder.ts'

const rows = [[5.1, 3.5, 1.4, 0.2], [5.9, 3, 4.2, 1.5], [6.3, 3.3, 6, 2.5]]
const float = { dtype: { type: 'DT_FLOAT' } }
const type = { T: { type: 'DT_FLOAT' } }

/** The regression as TensorFlow's graph, the other format of tfjs. */
const graph = {
  format: 'graph-model',
  modelTopology: {
    node: [
      { name: 'rows', op: 'Placeholder', attr: { ...float, shape: { shape: { dim: [{ size: '-1' }, { size: '4' }] } } } },
      { name: 'dense/kernel', op: 'Const', attr: float },
      { name: 'dense/bias', op: 'Const', attr: float },
      { name: 'product', op: 'MatMul', input: ['rows', 'dense/kernel'], attr: type },
      { name: 'logits', op: 'BiasAdd', input: ['product', 'dense/bias'], attr: type },
      { name: 'probabilities', op: 'Softmax', input: ['logits'], attr: type }
    ],
    library: {},
    versions: { producer: 1 }
  },
  weightsManifest: manifestOf(flowers).weightsManifest
}

/** The regression with its softmax as a layer of its own. */
function separateSoftmax (layer: object) {
  const manifest = structuredClone(manifestOf(flowers))
  const { layers } = manifest.modelTopology.config
  layers[0]!.config.activation = 'linear'
  layers.push(layer as typeof layers[number])
  return manifest
}

const manifests: [what: string, manifest: unknown][] = [
  ['a graph model', graph],
  ['a Softmax layer at the end', separateSoftmax({ class_name: 'Softmax', config: { name: 'softmax', axis: -1 } })],
  ['a softmax Activation at the end', separateSoftmax({ class_name: 'Activation', config: { name: 'activation', activation: 'softmax' } })]
]

for (const backend of ['cpu', 'wasm'] satisfies BackendName[]) {
  for (const [what, manifest] of manifests) {
    test(`${backend} serves ${what}`, async (t) => {
      const model = await load(t, await writeModel(t, flowers, { manifest }), backend)
      for (const [i, answer] of model.classify(rows).entries()) {
        const { label, probabilities } = expected(flowers, rows[i]!)
        assert.equal(answer?.label, label)
        assert.ok(Math.abs(answer!.probabilities[0]! - probabilities[0]!) < 1e-5)
      }
      assert.deepEqual(model.classify([[3e38, 3e38, 3e38, 3e38]]), [undefined])
    })
  }
}
