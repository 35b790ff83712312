import { InvalidInputError, InvalidJsonError } from '../errors.ts'
import { type BatchQueue, type Execution, type ExecutionWatch, Failure, type Manner, type Outcome } from './batch-queue.ts'
import { overflowSentence } from '../schemas/refusal.ts'
import { type Row, rowReader } from '../schemas/row.ts'
import type { Signature } from '../schemas/signature.ts'

/** What one body gets: the JSON text of its answer, or why there is none. */
export type Prediction = { readonly body: string } | { readonly error: unknown }

/**
 * Answers to `/predict` bodies, however they arrived: each is checked on its own, the valid ones are executed together.
 * @param bodies parsed JSON, or the InvalidJsonError that `parseJson` made of a text
 * @param manner see `BatchQueue`
 * @param watch told of each execution, and which bodies' rows it held
 * @returns a prediction a body, in order
 * @throws OverloadedError when too many rows are waiting
 */
export type Predict = (bodies: readonly unknown[], manner?: Manner, watch?: BodyWatch) => Promise<Prediction[]>

/** `bodies` are indices into those that were given. */
export type BodyWatch = (execution: Execution, bodies: readonly number[]) => void

/** The answers of one model, under the field names that its signature declares. */
export function createPredict (signature: Signature, queue: BatchQueue): Predict {
  const readRow = rowReader(signature)
  const field = signature.predict.response
  // All there is to answer, written once.
  const answers = new Map(signature.labels.map((label) => [label, { body: JSON.stringify({ [field]: label }) }]))

  function toPrediction (outcome: Outcome): Prediction {
    if (outcome === undefined) return { error: new InvalidInputError(overflowSentence(signature)) }
    if (outcome instanceof Failure) return { error: outcome.cause }
    return answers.get(outcome.label)!
  }

  return async (bodies, manner, watch) => {
    const read = bodies.map((body) => body instanceof InvalidJsonError ? body : readRow(body))
    const outcomes = await queue.submit(read.filter((row): row is Row => Array.isArray(row)), manner, watch && rowWatch(read, watch))
    let next = 0
    return read.map((row) => Array.isArray(row) ? toPrediction(outcomes[next++]) : { error: row })
  }
}

/** Bodies that were refused have no row: the nth row is that of the nth body that has one. */
function rowWatch (read: readonly unknown[], watch: BodyWatch): ExecutionWatch {
  const withRow = read.flatMap((row, i) => Array.isArray(row) ? [i] : [])
  return (execution, rows) => watch(execution, withRow.splice(0, rows))
}
