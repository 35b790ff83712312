import { classificationReport, type ClassificationReport } from './classification-report.ts'
import {
  crossValidate, excessLogLoss, INTERVALS, score, type CandidateScores, type HeldOut
} from './cross-validation.ts'
import { describe, groupDuplicates, rowsOfClass, type Dataset, type Description } from './dataset.ts'
import type { Candidate } from './candidates.ts'
import type { Protocol } from './folds.ts'
import type { Interval } from './intervals.ts'

/** What the data is: statistics over all rows and by class, features in cm and in the order of `features`. */
export interface DataDescription {
  source: string
  features: string[]
  unit: 'cm'
  all: Description
  classes: (Description & { label: string })[]
  /** Rows with equal features and label, counted from 1. */
  duplicates: number[][]
}

/** Everything that training found out; `evaluation.json` is this, with six decimals. */
export interface Evaluation {
  data: DataDescription
  protocol: Protocol & { method: string, intervals: typeof INTERVALS }
  candidates: (CandidateScores & { logLossAboveChosen: { mean: number, interval: Interval } })[]
  chosen: { name: string, title: string, rule: string, reason: string }
  /** Of the chosen candidate, from held-out predictions. */
  report: ClassificationReport
}

const RULE = 'the lowest mean cross-validated log-loss'
const METHOD = 'Repeated stratified cross-validation: each repeat splits the flowers anew, each flower is predicted once a ' +
  'repeat by a model that did not see it, equal rows share a fold, and all candidates meet the same splits.'

/** Statistics of the data, before any model. */
export function describeData (dataset: Dataset): DataDescription {
  return {
    source: 'R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7 (1936)',
    features: dataset.featureNames,
    unit: 'cm',
    all: describe(dataset.rows),
    classes: dataset.labels.map((label, index) => ({ label, ...describe(rowsOfClass(dataset, index)) })),
    duplicates: groupDuplicates(dataset).filter((group) => group.length > 1).map((group) => group.map((row) => row + 1))
  }
}

/**
 * Compares the candidates, chooses one, and reports on it.
 * @param onRepeat called after each repeat of each candidate
 */
export function evaluate (
  dataset: Dataset, candidates: Candidate[], protocol: Protocol,
  onRepeat: (candidate: Candidate, done: number) => void = () => {}
): Evaluation {
  const heldOut = new Map<string, HeldOut>()
  const scores = candidates.map((candidate) => {
    const predictions = crossValidate(dataset, candidate, protocol, (done) => onRepeat(candidate, done))
    heldOut.set(candidate.name, predictions)
    return score(dataset, candidate, predictions, protocol.seed)
  })
  const chosen = choose(scores)
  const reference = heldOut.get(chosen.name)!
  const compared = scores.map((figures) => ({
    ...figures,
    logLossAboveChosen: excessLogLoss(dataset, heldOut.get(figures.name)!, reference, protocol.seed)
  }))
  return {
    data: describeData(dataset),
    protocol: { method: METHOD, ...protocol, intervals: INTERVALS },
    candidates: compared,
    chosen: { name: chosen.name, title: chosen.title, rule: RULE, reason: reasonFor(chosen, compared) },
    report: classificationReport(dataset, reference)
  }
}

/** RULE in code; of equals, the first. */
export function choose (scores: CandidateScores[]): CandidateScores {
  return scores.reduce((best, other) => other.logLoss.mean < best.logLoss.mean ? other : best)
}

function reasonFor (chosen: CandidateScores, compared: Evaluation['candidates']): string {
  const others = compared.filter(({ name }) => name !== chosen.name).map(({ title, logLossAboveChosen: above }) =>
    `${title} has ${above.mean.toFixed(4)} more (95 % interval ${above.interval[0].toFixed(4)} to ${above.interval[1].toFixed(4)})`)
  return `Log-loss ${chosen.logLoss.mean.toFixed(4)} is the lowest; on the same flowers ${others.join(', ')}.`
}
