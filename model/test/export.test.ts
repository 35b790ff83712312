import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { io, tensor2d, type Tensor } from '@tensorflow/tfjs-core'
import { loadLayersModel } from '@tensorflow/tfjs-layers'
import { predict, type DenseModel } from '../src/candidates/dense-layers.ts'
import { fitDiscriminantAnalysis } from '../src/candidates/discriminant-analysis.ts'
import { fitNetwork } from '../src/candidates/gradient-descent.ts'
import { loadIris } from '../src/dataset.ts'
import { buildArtifact, type Artifact } from '../src/export.ts'
import type { Evaluation } from '../src/evaluate.ts'
import type { Signature } from '../src/signature.ts'

const iris = loadIris()
const evaluation = JSON.parse(
  readFileSync(new URL('../artifact/iris/1/evaluation.json', import.meta.url), 'utf8')) as Evaluation

/** Class probabilities by TensorFlow.js, from the files alone. */
async function tensorflow (artifact: Artifact, rows: number[][]): Promise<number[][]> {
  const { modelTopology, weightsManifest } = JSON.parse(artifact['model.json'])
  assert.deepEqual(weightsManifest[0].paths, ['weights.bin'])
  const model = await loadLayersModel(io.fromMemory({
    modelTopology, weightSpecs: weightsManifest[0].weights, weightData: artifact['weights.bin'].slice().buffer
  }))
  return (model.predict(tensor2d(rows)) as Tensor).array() as Promise<number[][]>
}

function assertClose (actual: number[][], expected: number[][]): void {
  assert.equal(actual.length, expected.length)
  actual.forEach((row, i) => row.forEach((value, k) => assert.ok(Math.abs(value - expected[i]![k]!) < 1e-5, `row ${i}`)))
}

async function assertRoundTrip (model: DenseModel): Promise<void> {
  const artifact = await buildArtifact(iris, model, evaluation)
  assertClose(await tensorflow(artifact, iris.rows), iris.rows.map((row) => predict(model, row)))
  const { golden } = JSON.parse(artifact['signature.json']) as Signature
  assertClose(await tensorflow(artifact, golden.map(({ input }) => input)), golden.map(({ probabilities }) => probabilities))
}

test('discriminant analysis answers alike before export and in TensorFlow.js, golden examples included', async () => {
  await assertRoundTrip(fitDiscriminantAnalysis(iris))
})

test('so does a network with a hidden layer: whichever candidate wins can be exported', async () => {
  await assertRoundTrip(fitNetwork(iris, { hidden: [5], epochs: 40, learningRate: 0.1, ridge: 0.01, seed: 2 }))
})

test('the same model gives the same bytes, twice in one process too', async () => {
  const model = fitDiscriminantAnalysis(iris)
  assert.deepEqual(await buildArtifact(iris, model, evaluation), await buildArtifact(iris, model, evaluation))
})

test('the manifest has one group of float32 weights that fills weights.bin', async () => {
  const artifact = await buildArtifact(iris, fitDiscriminantAnalysis(iris), evaluation)
  const { format, weightsManifest } = JSON.parse(artifact['model.json'])
  assert.equal(format, 'layers-model')
  assert.equal(weightsManifest.length, 1)
  assert.deepEqual(weightsManifest[0].weights.map(({ shape, dtype }: io.WeightsManifestEntry) => [shape, dtype]),
    [[[4, 3], 'float32'], [[3], 'float32']])
  assert.equal(artifact['weights.bin'].byteLength, (4 * 3 + 3) * 4)
})
