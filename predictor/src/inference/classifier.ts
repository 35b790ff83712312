import type { Network } from '../model/network.ts'
import type { Row } from '../schemas/row.ts'
import type { Signature } from '../schemas/signature.ts'

/** One row's answer; `probabilities` are in label order and sum to 1. */
export interface Classification { readonly label: string, readonly probabilities: readonly number[] }

/** Rows in, one execution, an answer a row out. */
export interface Classifier {
  /**
   * @param rows lists of numbers, each in the signature's input order
   * @returns an answer a row, in order; undefined where 32-bit arithmetic overflows, on the way in or inside the model
   */
  classify (rows: readonly Row[]): (Classification | undefined)[]
}

/** A classifier on a network; `signature` gives the width of a row and the labels. */
export function createClassifier (network: Network, { inputs, labels }: Signature): Classifier {
  const width = inputs.length

  function classify (rows: readonly Row[]): (Classification | undefined)[] {
    const batch = new Float32Array(rows.length * width)
    const fits = rows.map((row, i) => write(row, batch, i * width))
    const scores = network.run(batch, rows.length)
    return fits.map((fit, i) => fit ? answer(scores, i * labels.length) : undefined)
  }

  function answer (scores: Float32Array, from: number): Classification | undefined {
    const probabilities: number[] = []
    for (let k = 0; k < labels.length; k++) {
      const score = scores[from + k]!
      if (!Number.isFinite(score)) return undefined
      probabilities.push(score)
    }
    if (network.scores === 'logits') softmax(probabilities)
    return { label: labels[indexOfLargest(probabilities)]!, probabilities }
  }

  return { classify }
}

// Plain loops from here on: per row, callbacks and views on the batch cost several times the arithmetic (measured).

/**
 * Writes a row into the batch. 1e39 is a fine double and an infinite float: a row with such a number is computed as zeros, so
 * that it spoils no other's.
 * @returns whether 32 bits hold every number
 */
function write (row: Row, batch: Float32Array, from: number): boolean {
  for (let i = 0; i < row.length; i++) {
    batch[from + i] = row[i]!
    if (!Number.isFinite(batch[from + i])) {
      batch.fill(0, from, from + row.length)
      return false
    }
  }
  return true
}

/** Logits become probabilities, in place. The largest is subtracted first: exp() of a large one alone would be infinite. */
function softmax (logits: number[]): void {
  const largest = logits[indexOfLargest(logits)]!
  let sum = 0
  for (let k = 0; k < logits.length; k++) sum += logits[k] = Math.exp(logits[k]! - largest)
  for (let k = 0; k < logits.length; k++) logits[k]! /= sum
}

/** The first one's, where several are equal. */
function indexOfLargest (values: readonly number[]): number {
  let index = 0
  for (let k = 1; k < values.length; k++) if (values[k]! > values[index]!) index = k
  return index
}
