import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A softmax regression written by hand: `kernel[feature][label]` and `bias[label]`. */
export interface Regression {
  readonly name: string
  readonly inputs: readonly { name: string, unit: string, example: number }[]
  readonly labels: readonly string[]
  readonly request: string
  readonly response: string
  readonly kernel: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

/** Three flowers by four lengths, with boundaries simple enough to check by eye. */
export const flowers: Regression = {
  name: 'flowers',
  inputs: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'].map((name) => ({ name, unit: 'cm', example: 3 })),
  labels: ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica'],
  request: 'iris_dimensions',
  response: 'iris_type',
  kernel: [[0.5, 0.2, -0.4], [1.5, -0.3, -0.5], [-2.2, 0.4, 1.7], [-1.1, -0.9, 2.1]],
  bias: [2, 1.5, -6.5]
}

/** Another domain: other names, number of features, number of classes and units. */
export const fruit: Regression = {
  name: 'fruit',
  inputs: [{ name: 'mass', unit: 'g', example: 180 }, { name: 'redness', unit: '', example: 0.7 }],
  labels: ['apple', 'banana', 'cherry', 'date', 'elderberry'],
  request: 'measurements',
  response: 'kind',
  kernel: [[0.01, 0.02, -0.05, -0.01, -0.2], [3, -4, 4, 0, 1]],
  bias: [0, 1, 2, 0, 1]
}

/** What the regression must answer, computed here in double precision: the tests' oracle. */
export function expected ({ kernel, bias, labels }: Regression, row: readonly number[]) {
  const logits = bias.map((b, k) => row.reduce((sum, value, i) => sum + value * kernel[i]![k]!, b))
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
  const sum = powers.reduce((a, b) => a + b)
  const probabilities = powers.map((power) => power / sum)
  return { label: labels[probabilities.indexOf(Math.max(...probabilities))]!, probabilities }
}

/** The signature that describes a regression, as plain data that a test may spoil. */
export function signatureOf (model: Regression, version = '1') {
  const zeros = model.inputs.map(() => 0)
  const examples = [model.inputs.map(({ example }) => example), model.inputs.map(() => 0.5), model.inputs.map((_, i) => i * 2)]
  return {
    name: model.name,
    version,
    description: 'A model for tests.',
    inputs: model.inputs.map((input) => ({ ...input, minimum: 0, maximum: 500 })),
    labels: [...model.labels],
    predict: { request: model.request, response: model.response },
    golden: examples.map((input) => ({ input, ...expected(model, input) })),
    training: {
      rows: 10 * model.labels.length,
      mean: zeros,
      standardDeviation: zeros,
      classes: model.labels.map((label) => ({ label, rows: 10, mean: zeros })),
      precision: model.inputs.map(() => zeros),
      maximumDistance: 3
    }
  }
}

/** `model.json` of a regression as a tfjs layers model. */
export function manifestOf ({ inputs, labels }: Regression) {
  const dense = { name: 'dense', units: labels.length, activation: 'softmax', use_bias: true, batch_input_shape: [null, inputs.length], dtype: 'float32' }
  return {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'regression', layers: [{ class_name: 'Dense', config: dense }] } },
    weightsManifest: [{
      paths: ['weights.bin'],
      weights: [
        { name: 'dense/kernel', shape: [inputs.length, labels.length], dtype: 'float32' },
        { name: 'dense/bias', shape: [labels.length], dtype: 'float32' }
      ]
    }]
  }
}

/** The weights' bytes, kernel then bias. */
export function weightsOf ({ kernel, bias }: Regression): Buffer {
  return Buffer.from(Float32Array.from([...kernel.flat(), ...bias]).buffer)
}

/** The files of a model folder; what a test passes replaces them, null leaves one out. */
export interface Files { signature?: unknown, manifest?: unknown, weights?: Buffer | null }

/** Writes a model folder with one numbered version and removes it after the test. @returns its path */
export async function writeModel (t: TestContext, model: Regression, files: Files = {}, version = '1'): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'predictor-'))
  t.after(() => rm(root, { recursive: true }))
  await writeVersion(join(root, version), model, { signature: signatureOf(model, version), ...files })
  return root
}

/** Writes the three files of one version into a folder, which it makes. */
export async function writeVersion (folder: string, model: Regression, files: Files = {}): Promise<void> {
  const contents = { signature: signatureOf(model), manifest: manifestOf(model), weights: weightsOf(model), ...files }
  await mkdir(folder, { recursive: true })
  const write = async (name: string, content: unknown) => {
    if (content === null) return
    const bytes = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(join(folder, name), bytes)
  }
  await write('signature.json', contents.signature)
  await write('model.json', contents.manifest)
  await write('weights.bin', contents.weights)
}
