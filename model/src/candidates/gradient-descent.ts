import { describe, type Dataset } from '../dataset.ts'
import { seededRandom, type Random } from '../random.ts'
import { absorbStandardisation, layerOutputs, type DenseLayer, type DenseModel } from './dense-layers.ts'

/** A network with tanh hidden layers and a softmax output, fitted to minimise mean log-loss plus a ridge penalty. */
export interface NetworkSettings {
  /** Units of each hidden layer; none makes it softmax regression. */
  hidden: number[]
  /** Passes over all rows; each is one step of Adam. */
  epochs: number
  learningRate: number
  /** Factor of ½·Σ weight² in the objective; biases are free. */
  ridge: number
  seed: number
}

/**
 * Fits by full-batch Adam (Kingma, Ba, 2015) on standardised features. Plain loops in double precision: at this size they
 * are several times faster than tensors (0.2 s against 1.4 s a fit, measured on tfjs's cpu backend), and a last-bit
 * difference between engines' `exp` stays far below the digits that are written.
 */
export function fitNetwork (dataset: Dataset, settings: NetworkSettings): DenseModel {
  const { mean, standardDeviation } = describe(dataset.rows)
  const rows = dataset.rows.map((row) => row.map((value, i) => (value - mean[i]!) / standardDeviation[i]!))
  const model = initialModel([mean.length, ...settings.hidden, dataset.labels.length], seededRandom(settings.seed))
  const step = adam(vectors(model), settings.learningRate)
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    step(vectors(gradient(model, rows, dataset.classes, settings.ridge)))
  }
  return absorbStandardisation(model, mean, standardDeviation)
}

/** Weights uniform in ±√(6 / (inputs + units)) (Glorot, Bengio, 2010), biases zero. */
function initialModel (widths: number[], random: Random): DenseModel {
  return widths.slice(1).map((units, index): DenseLayer => {
    const inputs = widths[index]!
    const limit = Math.sqrt(6 / (inputs + units))
    return {
      kernel: Array.from({ length: inputs }, () => Array.from({ length: units }, () => (2 * random() - 1) * limit)),
      bias: new Array<number>(units).fill(0),
      activation: index === widths.length - 2 ? 'softmax' : 'tanh'
    }
  })
}

/** The objective's gradient at the model, in the model's own shape. */
function gradient (model: DenseModel, rows: number[][], classes: number[], ridge: number): DenseModel {
  const sum = model.map((layer): DenseLayer => ({
    kernel: layer.kernel.map((weights) => weights.map((weight) => weight * ridge)),
    bias: layer.bias.map(() => 0),
    activation: layer.activation
  }))
  rows.forEach((row, index) => {
    const outputs = layerOutputs(model, row)
    // For log-loss behind softmax the error at the logits is the probabilities less the one-hot truth.
    let error = outputs.at(-1)!.map((value, unit) => (value - (unit === classes[index] ? 1 : 0)) / rows.length)
    for (let depth = model.length - 1; depth >= 0; depth--) {
      const input = outputs[depth]!
      error.forEach((value, unit) => { sum[depth]!.bias[unit]! += value })
      input.forEach((value, i) => error.forEach((e, unit) => { sum[depth]!.kernel[i]![unit]! += value * e }))
      error = input.map((value, i) => (1 - value * value) *
        error.reduce((total, e, unit) => total + e * model[depth]!.kernel[i]![unit]!, 0))
    }
  })
  return sum
}

/** Every weight and bias of the model as a list of vectors, shared with the model and not copied. */
function vectors (model: DenseModel): number[][] {
  return model.flatMap(({ kernel, bias }) => [...kernel, bias])
}

/** A function that moves the parameters, in place, one step against the gradient it is given. */
function adam (parameters: number[][], learningRate: number): (gradients: number[][]) => void {
  const first = parameters.map((vector) => vector.map(() => 0))
  const second = parameters.map((vector) => vector.map(() => 0))
  // Powers by repeated products: multiplication is exact to the bit everywhere, Math.pow is not.
  let firstDecay = 1
  let secondDecay = 1
  return (gradients) => {
    firstDecay *= 0.9
    secondDecay *= 0.999
    gradients.forEach((vector, i) => vector.forEach((slope, j) => {
      first[i]![j] = 0.9 * first[i]![j]! + 0.1 * slope
      second[i]![j] = 0.999 * second[i]![j]! + 0.001 * slope * slope
      const size = Math.sqrt(second[i]![j]! / (1 - secondDecay)) + 1e-8
      parameters[i]![j]! -= learningRate * first[i]![j]! / (1 - firstDecay) / size
    }))
  }
}
