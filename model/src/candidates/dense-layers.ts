/** One fully connected layer. */
export interface DenseLayer {
  /** Shape [inputs, units], as in TensorFlow. */
  kernel: number[][]
  bias: number[]
  activation: 'tanh' | 'softmax'
}

/**
 * What every candidate is in the end: dense layers from raw measurements to class probabilities, the last one softmax. One
 * form for all means that whichever wins is exported the same way.
 */
export type DenseModel = DenseLayer[]

/** The input followed by the output of each layer. */
export function layerOutputs (model: DenseModel, row: number[]): number[][] {
  const outputs = [row]
  for (const layer of model) outputs.push(activate(layer, outputs.at(-1)!))
  return outputs
}

/** Class probabilities of one row of raw measurements. */
export function predict (model: DenseModel, row: number[]): number[] {
  return layerOutputs(model, row).at(-1)!
}

/** The index of the largest entry; the first of equals. */
export function mostLikely (probabilities: number[]): number {
  return probabilities.indexOf(Math.max(...probabilities))
}

/**
 * The same model for raw input, given a model for standardised input (x − mean) / deviation: scale and shift move into the
 * first layer's kernel and bias.
 */
export function absorbStandardisation (model: DenseModel, mean: number[], deviation: number[]): DenseModel {
  const [first, ...rest] = model
  const kernel = first!.kernel.map((weights, input) => weights.map((weight) => weight / deviation[input]!))
  const bias = first!.bias.map((value, unit) =>
    kernel.reduce((sum, weights, input) => sum - mean[input]! * weights[unit]!, value))
  return [{ ...first!, kernel, bias }, ...rest]
}

/** The same model with weights rounded to single precision, as the exported file holds them. */
export function inSinglePrecision (model: DenseModel): DenseModel {
  return model.map(({ kernel, bias, activation }) => ({
    kernel: kernel.map((weights) => weights.map(Math.fround)), bias: bias.map(Math.fround), activation
  }))
}

function activate ({ kernel, bias, activation }: DenseLayer, input: number[]): number[] {
  const sums = bias.map((value, unit) => {
    let sum = value
    for (let index = 0; index < input.length; index++) sum += input[index]! * kernel[index]![unit]!
    return sum
  })
  return activation === 'tanh' ? sums.map(Math.tanh) : softmax(sums)
}

function softmax (logits: number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}
