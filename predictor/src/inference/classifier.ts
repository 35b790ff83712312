import type { Network } from '../model/network.ts'
import type { Signature } from '../schemas/signature.ts'

/** One row's answer; `probabilities` are in label order and sum to 1. */
export interface Classification { readonly label: string, readonly probabilities: readonly number[] }

/** Rows in, one execution, an answer a row out. */
export interface Classifier {
  /**
   * @param rows lists of numbers, each in the signature's input order
   * @returns an answer a row, in order; undefined where 32-bit arithmetic overflows, on the way in or inside the model
   */
  classify (rows: readonly (readonly number[])[]): (Classification | undefined)[]
}

/** A classifier on a network; `signature` gives the width of a row and the labels. */
export function createClassifier (network: Network, { inputs, labels }: Signature): Classifier {
  const width = inputs.length
  const toProbabilities = network.scores === 'logits' ? softmax : (scores: Float32Array) => [...scores]

  function classify (rows: readonly (readonly number[])[]): (Classification | undefined)[] {
    const batch = new Float32Array(rows.length * width)
    // 1e39 is a fine double and an infinite float. Such a row is computed as zeros, so that it spoils no other's.
    const fits = rows.map((row, i) => {
      batch.set(row, i * width)
      const written = batch.subarray(i * width, (i + 1) * width)
      if (written.every(Number.isFinite)) return true
      written.fill(0)
      return false
    })
    const scores = network.run(batch, rows.length)
    return fits.map((fit, i) => fit ? answer(scores.subarray(i * labels.length, (i + 1) * labels.length)) : undefined)
  }

  function answer (scores: Float32Array): Classification | undefined {
    if (!scores.every(Number.isFinite)) return undefined
    const probabilities = toProbabilities(scores)
    return { label: labels[probabilities.indexOf(Math.max(...probabilities))]!, probabilities }
  }

  return { classify }
}

/** The largest logit is subtracted first: exp() of a large one alone would be infinite. */
function softmax (logits: Float32Array): number[] {
  const largest = Math.max(...logits)
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
