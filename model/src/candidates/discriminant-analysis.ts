import { describe, rowsOfClass, type Dataset } from '../dataset.ts'
import { cholesky, solve } from './cholesky.ts'
import type { DenseModel } from './dense-layers.ts'

/**
 * Linear discriminant analysis as one dense softmax layer.
 *
 * With classes k normally distributed around μₖ with one covariance Σ, the posterior is proportional to
 * πₖ·exp(−½(x−μₖ)ᵀΣ⁻¹(x−μₖ)). The term xᵀΣ⁻¹x is the same for all classes and cancels, which leaves softmax(xᵀwₖ + bₖ)
 * with wₖ = Σ⁻¹μₖ and bₖ = −½μₖᵀwₖ + log πₖ (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.3).
 */
export function fitDiscriminantAnalysis (dataset: Dataset): DenseModel {
  const lower = cholesky(pooledCovariance(dataset))
  const classes = dataset.labels.map((_, label) => describe(rowsOfClass(dataset, label)))
  const weights = classes.map(({ mean }) => solve(lower, mean))
  const biases = classes.map(({ mean, rows }, label) =>
    // A constant added to every class changes no probability; priors relative to equal ones make the logarithm exactly 0
    // when the classes are equally large, and the layer free of transcendental functions.
    -0.5 * dot(mean, weights[label]!) + Math.log(rows * dataset.labels.length / dataset.rows.length))
  const kernel = dataset.featureNames.map((_, feature) => centred(weights.map((weight) => weight[feature]!)))
  return [{ kernel, bias: centred(biases), activation: 'softmax' }]
}

/** Within-class covariance, pooled over the classes: divisor rows − classes. Shape [features, features], in cm². */
export function pooledCovariance (dataset: Dataset): number[][] {
  const size = dataset.featureNames.length
  const scatter = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  dataset.labels.forEach((_, label) => {
    const rows = rowsOfClass(dataset, label)
    const { mean } = describe(rows)
    for (const row of rows) {
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) scatter[i]![j]! += (row[i]! - mean[i]!) * (row[j]! - mean[j]!)
      }
    }
  })
  return scatter.map((row) => row.map((value) => value / (dataset.rows.length - dataset.labels.length)))
}

function dot (a: number[], b: number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0)
}

/** Less their mean, which no probability depends on: smaller logits lose less when weights become float32. */
function centred (values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}
