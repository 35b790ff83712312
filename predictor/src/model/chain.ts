import type { Tensor } from '@tensorflow/tfjs-core'
import type { layers, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers'

// Those that make one tensor of one, and nothing of masks.
const plainKinds = new Set([
  'Dense', 'Activation', 'BatchNormalization', 'Dropout', 'ELU', 'LayerNormalization', 'LeakyReLU', 'ReLU', 'Softmax', 'ThresholdedReLU'
])

/**
 * A model that is a plain chain of layers, as their calls one after the other. tfjs' own way through a model sorts, feeds and
 * checks a graph each time, which takes longer than the arithmetic of a small one (measured); the numbers are the same.
 * @returns undefined where the model is anything else
 */
export function chainOf (model: LayersModel): ((batch: Tensor) => Tensor) | undefined {
  const chain: layers.Layer[] = []
  const [begin] = model.inputs
  let at = model.outputs[0] as SymbolicTensor
  // A batch of a fixed size is for tfjs to check.
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || begin!.shape[0] !== null) return undefined
  while (at !== begin) {
    if (at.inputs.length !== 1 || !plainKinds.has(at.sourceLayer.getClassName())) return undefined
    chain.unshift(at.sourceLayer)
    at = at.inputs[0]!
  }
  return (batch) => {
    let tensor = batch
    for (const layer of chain) {
      const next = layer.call(tensor, {}) as Tensor
      // As tfjs does: what lies between two layers makes way as soon as it was read.
      if (tensor !== batch && next !== tensor) tensor.dispose()
      tensor = next
    }
    return tensor
  }
}
