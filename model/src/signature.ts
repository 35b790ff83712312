import { cholesky, inverse } from './candidates/cholesky.ts'
import { mostLikely, predict, type DenseModel } from './candidates/dense-layers.ts'
import { pooledCovariance } from './candidates/discriminant-analysis.ts'
import { describe, rowsOfClass, type Dataset } from './dataset.ts'
import { sixDecimals } from './written-numbers.ts'

/** `signature.json`: what serving needs to know of the model beside its weights. */
export interface Signature {
  name: string
  version: string
  description: string
  /** In the order of the model's input; minimum and maximum are the training range. */
  inputs: { name: string, unit: string, minimum: number, maximum: number, example: number }[]
  labels: string[]
  /** Field names of `/predict`. */
  predict: { request: string, response: string }
  /** Inputs with the answers that every backend must give, to 1e-5. */
  golden: Golden[]
  training: TrainingStatistics
}

/** One input, the model's answer and its probabilities in the order of `labels`. */
export interface Golden { input: number[], label: string, probabilities: number[] }

/** What tells an unusual input: statistics over all rows, by class, and the distances they give. */
export interface TrainingStatistics {
  rows: number
  mean: number[]
  standardDeviation: number[]
  classes: { label: string, rows: number, mean: number[] }[]
  /** Inverse of the pooled within-class covariance, in 1/cm². */
  precision: number[][]
  /** Largest squared Mahalanobis distance from a training row to the nearest class mean. */
  maximumDistance: number
}

/** How many of the least certain training rows become golden examples. */
const HARD_EXAMPLES = 5

/**
 * Describes a model fitted to the dataset.
 * @param model with the weights as exported: in single precision
 */
export function buildSignature (dataset: Dataset, model: DenseModel, title: string): Signature {
  const { minimum, maximum } = describe(dataset.rows)
  return {
    name: 'iris',
    version: '1',
    description: `Names the species of an Iris flower from its sepals and petals: ${title.toLowerCase()}, fitted to Fisher's ${dataset.rows.length} flowers.`,
    inputs: dataset.featureNames.map((name, feature) => ({
      name, unit: 'cm', minimum: minimum[feature]!, maximum: maximum[feature]!, example: dataset.rows[0]![feature]!
    })),
    labels: dataset.labels,
    predict: { request: 'iris_dimensions', response: 'iris_type' },
    golden: goldenExamples(dataset, model),
    training: trainingStatistics(dataset)
  }
}

/** The first row of each class, then the rows between whose two likeliest classes the model hesitates most. */
function goldenExamples (dataset: Dataset, model: DenseModel): Golden[] {
  const hesitation = (row: number[]) => {
    const [first, second] = predict(model, row).sort((a, b) => b - a)
    return first! - second!
  }
  const typical = dataset.labels.map((_, label) => rowsOfClass(dataset, label)[0]!)
  const hard = dataset.rows.filter((row) => !typical.includes(row))
    .sort((a, b) => hesitation(a) - hesitation(b)).slice(0, HARD_EXAMPLES)
  return [...typical, ...hard].map((input) => {
    const probabilities = predict(model, input)
    return { input, label: dataset.labels[mostLikely(probabilities)]!, probabilities: probabilities.map(sixDecimals) }
  })
}

function trainingStatistics (dataset: Dataset): TrainingStatistics {
  const all = describe(dataset.rows)
  const classes = dataset.labels.map((label, index) => {
    const { rows, mean } = describe(rowsOfClass(dataset, index))
    return { label, rows, mean: mean.map(sixDecimals) }
  })
  const precision = inverse(cholesky(pooledCovariance(dataset))).map((row) => row.map(sixDecimals))
  const distances = dataset.rows.map((row) => Math.min(...classes.map(({ mean }) => distance(row, mean, precision))))
  return {
    rows: all.rows,
    mean: all.mean.map(sixDecimals),
    standardDeviation: all.standardDeviation.map(sixDecimals),
    classes,
    precision,
    // Rounded up: computed from the numbers as written, no training row may lie beyond the largest distance.
    maximumDistance: Math.ceil(Math.max(...distances) * 1e6) / 1e6
  }
}

/** (x − m)ᵀ·P·(x − m) */
function distance (x: number[], mean: number[], precision: number[][]): number {
  const difference = x.map((value, index) => value - mean[index]!)
  return difference.reduce((sum, a, i) => sum + difference.reduce((part, b, j) => part + a * b * precision[i]![j]!, 0), 0)
}
