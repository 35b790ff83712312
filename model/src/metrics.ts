import { mostLikely } from './candidates/dense-layers.ts'

/** Counts of flowers by actual class (row) and predicted class (column); averages over repeats may be fractions. */
export type ConfusionMatrix = number[][]

/** Shares between 0 and 1, as scikit-learn's classification report defines them; an empty denominator gives 0. */
export interface ClassMetrics { precision: number, recall: number, f1: number, support: number }

/** Probabilities below this count as this, so that one confident mistake costs 34.5 and not infinity. */
const SMALLEST_PROBABILITY = 1e-15

/** 1 where the most likely class is the actual one, else 0; one entry a row. */
export function hits (classes: number[], probabilities: number[][]): number[] {
  return probabilities.map((row, index) => mostLikely(row) === classes[index] ? 1 : 0)
}

/** −log of the probability that was given to the actual class (natural logarithm); one entry a row. */
export function logLosses (classes: number[], probabilities: number[][]): number[] {
  return probabilities.map((row, index) => -Math.log(Math.max(row[classes[index]!]!, SMALLEST_PROBABILITY)))
}

/** How often each actual class (row) was taken for each class (column). */
export function confusionMatrix (classes: number[], probabilities: number[][], size: number): ConfusionMatrix {
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  probabilities.forEach((row, index) => { counts[classes[index]!]![mostLikely(row)]! += 1 })
  return counts
}

/** Precision, recall, F1 and support of each class. */
export function classMetrics (confusion: ConfusionMatrix): ClassMetrics[] {
  return confusion.map((counts, label) => {
    const right = counts[label]!
    const support = sum(counts)
    const predicted = sum(confusion.map((row) => row[label]!))
    return {
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, support + predicted),
      support
    }
  })
}

/** The plain mean over classes; support is the total. */
export function macroAverage (classes: ClassMetrics[]): ClassMetrics {
  return {
    precision: mean(classes.map(({ precision }) => precision)),
    recall: mean(classes.map(({ recall }) => recall)),
    f1: mean(classes.map(({ f1 }) => f1)),
    support: sum(classes.map(({ support }) => support))
  }
}

/** The arithmetic mean. */
export function mean (values: number[]): number {
  return sum(values) / values.length
}

function sum (values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function ratio (part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
