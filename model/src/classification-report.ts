import { mostLikely } from './candidates/dense-layers.ts'
import { classMetrics, confusionMatrix, macroAverage, type ClassMetrics, type ConfusionMatrix } from './metrics.ts'
import type { Dataset } from './dataset.ts'
import type { HeldOut } from './cross-validation.ts'

/** A flower that cross-validation got wrong at least once. */
export interface Mistake {
  /** Line of the data, counted from 1 without the header, as the literature counts. */
  row: number
  input: number[]
  label: string
  /** The wrong label it got most often. */
  predicted: string
  /** In how many repeats it was wrong. */
  repeats: number
}

/** Where the chosen candidate is right and wrong, on flowers that it was not fitted to. */
export interface ClassificationReport {
  classes: (ClassMetrics & { label: string })[]
  macroAverage: ClassMetrics
  confusionMatrix: {
    labels: string[]
    /** Rows are actual classes, columns predicted ones; mean number of flowers over the repeats. */
    flowers: ConfusionMatrix
  }
  mistakes: Mistake[]
}

/** Summarises held-out predictions; every figure is a mean over the repeats, so a class's support is its flowers. */
export function classificationReport (dataset: Dataset, heldOut: HeldOut): ClassificationReport {
  const { classes, labels } = dataset
  const confusions = heldOut.map((table) => confusionMatrix(classes, table, labels.length))
  // Summed as whole numbers and divided once: no rounding piles up.
  const flowers = labels.map((_, actual) => labels.map((_, predicted) =>
    confusions.reduce((sum, counts) => sum + counts[actual]![predicted]!, 0) / heldOut.length))
  const metrics = classMetrics(flowers)
  return {
    classes: metrics.map((figures, label) => ({ label: labels[label]!, ...figures })),
    macroAverage: macroAverage(metrics),
    confusionMatrix: { labels, flowers },
    mistakes: findMistakes(dataset, heldOut)
  }
}

function findMistakes ({ rows, classes, labels }: Dataset, heldOut: HeldOut): Mistake[] {
  return rows.flatMap((input, index) => {
    const actual = classes[index]!
    const times = labels.map((_, label) => heldOut.filter((table) => mostLikely(table[index]!) === label).length)
    const repeats = heldOut.length - times[actual]!
    const wrong = mostLikely(times.map((count, label) => label === actual ? -1 : count))
    return repeats === 0 ? [] : [{ row: index + 1, input, label: labels[actual]!, predicted: labels[wrong]!, repeats }]
  })
}
