import type { Row } from '../schemas/row.ts'
import type { Signature } from '../schemas/signature.ts'

/**
 * Makes the check of whether a row is unlike everything that the model was fitted on: farther from every class' mean than any
 * training row was from its nearest one, in squared Mahalanobis distance with the classes' common covariance.
 * @returns the check; `likely` is the class that is looked at first, and most often alone
 */
export function outOfDistribution (training: Signature['training']): (row: Row, likely: string) => boolean {
  const { classes, precision, maximumDistance } = training
  const width = precision.length
  const means = new Map(classes.map(({ label, mean }) => [label, Float64Array.from(mean)]))
  const weights = Float64Array.from(precision.flat())
  const difference = new Float64Array(width)

  function isNear (row: Row, mean: Float64Array): boolean {
    for (let i = 0; i < width; i++) difference[i] = row[i]! - mean[i]!
    let distance = 0
    let at = 0
    for (let i = 0; i < width; i++) {
      let part = 0
      for (let j = 0; j < width; j++) part += weights[at++]! * difference[j]!
      distance += difference[i]! * part
    }
    // False of a distance that is no number, which is as far as can be.
    return distance <= maximumDistance
  }

  return (row, likely) => {
    const first = means.get(likely)
    if (first !== undefined && isNear(row, first)) return false
    for (const mean of means.values()) if (isNear(row, mean)) return false
    return true
  }
}
