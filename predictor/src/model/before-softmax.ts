import type { Tensor } from '@tensorflow/tfjs-core'
import { layers, type LayersModel, model as buildModel, type SymbolicTensor } from '@tensorflow/tfjs-layers'

/**
 * The same model without the softmax at its end, or undefined when it does not end in one.
 *
 * Softmax hides an overflow: a logit of minus infinity becomes a probability of exactly 0, and backends differ in what
 * they make of plus infinity. So the classifier looks at the logits, and applies softmax to those that are finite.
 */
export function beforeSoftmax (model: LayersModel): LayersModel | undefined {
  const last = (model.outputs[0] as SymbolicTensor).sourceLayer
  const kind = last.getClassName()
  const { activation, units, useBias } = last.getConfig() as { activation?: string, units: number, useBias: boolean }
  const feed = last.input as SymbolicTensor
  if (kind === 'Softmax' || (kind === 'Activation' && activation === 'softmax')) {
    return buildModel({ inputs: model.inputs, outputs: feed })
  }
  if (kind !== 'Dense' || activation !== 'softmax') return undefined
  const linear = layers.dense({ units, useBias, activation: 'linear', name: `${last.name}_logits` })
  const bare = buildModel({ inputs: model.inputs, outputs: linear.apply(feed) as SymbolicTensor })
  linear.setWeights(last.getWeights() as Tensor[])
  return bare
}
