import { groupDuplicates, type Dataset } from './dataset.ts'
import { seededRandom, shuffled, type Random } from './random.ts'

/** How candidates are compared; the same splits serve all of them. */
export interface Protocol { folds: number, repeats: number, seed: number }

/** The published protocol. The seed is the year of Fisher's paper; no other was tried. */
export const PROTOCOL: Protocol = { folds: 10, repeats: 20, seed: 1936 }

/**
 * One random partition: the fold (0 … count − 1) of each row. Each class spreads evenly over the folds, and equal rows
 * share a fold: a copy in the training part would tell the answer to its twin in the test part.
 */
export function stratifiedFolds (dataset: Dataset, count: number, random: Random): number[] {
  const foldOfRow = new Array<number>(dataset.rows.length).fill(0)
  const groups = groupDuplicates(dataset)
  dataset.labels.forEach((_, label) => {
    const sizes = new Array<number>(count).fill(0)
    // Larger groups go first, while every fold still has room to even them out.
    const ofClass = shuffled(groups.filter((group) => dataset.classes[group[0]!] === label), random)
      .sort((a, b) => b.length - a.length)
    for (const group of ofClass) {
      const smallest = sizes.indexOf(Math.min(...sizes))
      sizes[smallest]! += group.length
      for (const row of group) foldOfRow[row] = smallest
    }
  })
  return foldOfRow
}

/** The partitions of a whole protocol, one a repeat. */
export function partitions (dataset: Dataset, { folds, repeats, seed }: Protocol): number[][] {
  const random = seededRandom(seed)
  return Array.from({ length: repeats }, () => stratifiedFolds(dataset, folds, random))
}
