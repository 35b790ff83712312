import { predict } from './candidates/dense-layers.ts'
import { describe, subset, type Dataset } from './dataset.ts'
import { partitions, type Protocol } from './folds.ts'
import { bootstrapInterval, wilsonInterval, type Interval } from './intervals.ts'
import { hits, logLosses, mean } from './metrics.ts'
import type { Candidate } from './candidates.ts'

/**
 * Class probabilities of every row, each from a model that had not seen that row: one table [rows, classes] a repeat.
 */
export type HeldOut = number[][][]

/** A figure and its two kinds of uncertainty. */
export interface Score {
  mean: number
  /** Over the repeats: how much the figure depends on how the flowers fell into folds. */
  standardDeviation: number
  minimum: number
  maximum: number
  /** 95 %, over the flowers: how much it depends on which flowers were measured. INTERVALS says how. */
  interval: Interval
}

/** What cross-validation says of one candidate. */
export interface CandidateScores {
  name: string
  title: string
  description: string
  accuracy: Score
  logLoss: Score
}

/** What the intervals are, in words for those who read the figures. */
export const INTERVALS = {
  accuracy: '95 % Wilson interval for the mean accuracy as a share of the flowers, not of the repeated predictions',
  logLoss: '95 % percentile-bootstrap interval (10,000 draws) over the flowers of each flower\'s log-loss, averaged over the repeats'
}

/**
 * Repeated stratified cross-validation.
 * @param onRepeat called after each repeat with the number done so far
 */
export function crossValidate (
  dataset: Dataset, candidate: Candidate, protocol: Protocol, onRepeat: (done: number) => void = () => {}
): HeldOut {
  const all = dataset.rows.map((_, index) => index)
  return partitions(dataset, protocol).map((foldOfRow, repeat) => {
    const models = Array.from({ length: protocol.folds }, (_, fold) =>
      candidate.fit(subset(dataset, all.filter((row) => foldOfRow[row] !== fold))))
    onRepeat(repeat + 1)
    return dataset.rows.map((row, index) => predict(models[foldOfRow[index]!]!, row))
  })
}

/** Accuracy and log-loss with their spreads and intervals. */
export function score (dataset: Dataset, candidate: Candidate, heldOut: HeldOut, seed: number): CandidateScores {
  const accuracies = heldOut.map((table) => mean(hits(dataset.classes, table)))
  const losses = heldOut.map((table) => mean(logLosses(dataset.classes, table)))
  const { name, title, description } = candidate
  return {
    name,
    title,
    description,
    accuracy: { ...spread(accuracies), interval: wilsonInterval(mean(accuracies), dataset.rows.length) },
    logLoss: { ...spread(losses), interval: bootstrapInterval(lossOfEachFlower(dataset, heldOut), seed) }
  }
}

/** By how much one candidate's log-loss exceeds another's on the same flowers: mean and bootstrap interval. */
export function excessLogLoss (
  dataset: Dataset, heldOut: HeldOut, reference: HeldOut, seed: number
): { mean: number, interval: Interval } {
  const other = lossOfEachFlower(dataset, reference)
  const excess = lossOfEachFlower(dataset, heldOut).map((loss, index) => loss - other[index]!)
  return { mean: mean(excess), interval: bootstrapInterval(excess, seed) }
}

function lossOfEachFlower (dataset: Dataset, heldOut: HeldOut): number[] {
  const losses = heldOut.map((table) => logLosses(dataset.classes, table))
  return dataset.rows.map((_, index) => mean(losses.map((loss) => loss[index]!)))
}

function spread (values: number[]): Omit<Score, 'interval'> {
  const { mean, standardDeviation, minimum, maximum } = describe(values.map((value) => [value]))
  return {
    mean: mean[0]!, standardDeviation: standardDeviation[0]!, minimum: minimum[0]!, maximum: maximum[0]!
  }
}
