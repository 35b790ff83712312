import '@tensorflow/tfjs-backend-cpu'
import { enableProdMode, io, setBackend, tensor } from '@tensorflow/tfjs-core'
import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers'
import { inSinglePrecision, type DenseModel } from './candidates/dense-layers.ts'
import { buildSignature } from './signature.ts'
import { toJson } from './written-numbers.ts'
import type { Dataset } from './dataset.ts'
import type { Evaluation } from './evaluate.ts'

/** The files that make the model folder: names and contents. */
export interface Artifact {
  'model.json': string
  'weights.bin': Uint8Array
  'signature.json': string
  'evaluation.json': string
}

/**
 * The model as TensorFlow.js loads it (`tf.loadLayersModel`), with its signature and its evaluation. Equal arguments give
 * equal bytes: neither time nor library version is written.
 */
export async function buildArtifact (dataset: Dataset, model: DenseModel, evaluation: Evaluation): Promise<Artifact> {
  const exported = inSinglePrecision(model)
  const { modelTopology, weightSpecs, weightData } = await saved(exported)
  return {
    'model.json': toJson({
      format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }]
    }),
    'weights.bin': weightData,
    'signature.json': toJson(buildSignature(dataset, exported, evaluation.chosen.title)),
    'evaluation.json': toJson(evaluation)
  }
}

interface Saved { modelTopology: object, weightSpecs: io.WeightsManifestEntry[], weightData: Uint8Array }

/** Lets TensorFlow.js itself write topology and weights, so that what it writes is what it reads. */
async function saved (model: DenseModel): Promise<Saved> {
  // Without this the cpu backend advertises another backend on standard error.
  enableProdMode()
  await setBackend('cpu')
  const network = toSequential(model)
  const artifacts = await new Promise<io.ModelArtifacts>((resolve, reject) => {
    network.save(io.withSaveHandler(async (written) => {
      resolve(written)
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(written) }
    })).catch(reject)
  })
  network.dispose()
  const { class_name: className, config } = artifacts.modelTopology as { class_name: string, config: object }
  return {
    modelTopology: { class_name: className, config },
    weightSpecs: artifacts.weightSpecs!,
    weightData: new Uint8Array(io.CompositeArrayBuffer.join(artifacts.weightData))
  }
}

function toSequential (model: DenseModel): Sequential {
  const network = sequential({ name: 'iris' })
  model.forEach(({ kernel, bias, activation }, index) => {
    const name = index === model.length - 1 ? 'probabilities' : `hidden_${index + 1}`
    network.add(layers.dense({ name, units: bias.length, activation, inputShape: [kernel.length] }))
  })
  const weights = model.flatMap(({ kernel, bias }) => [tensor(kernel), tensor(bias)])
  network.setWeights(weights)
  for (const weight of weights) weight.dispose()
  return network
}
