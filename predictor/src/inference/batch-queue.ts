import { OverloadedError } from '../errors.ts'
import type { Row } from '../schemas/row.ts'
import type { Classification, Classifier } from './classifier.ts'

/** How many rows share one execution at most, and how many may wait for one. */
export interface BatchLimits { readonly executionMax: number, readonly queueMax: number }

/**
 * How rows are submitted. `single`: somebody waits for this one prediction. `bulk`: the first rows of a request of many; they
 * have room of their own and are executed behind the single ones. `more`: the next rows of a bulk request whose first ones were
 * taken; those are not refused any more.
 */
export type Manner = 'single' | 'bulk' | 'more'

/** The model threw on this row, also when it was alone. */
export class Failure {
  readonly cause: unknown

  constructor (cause: unknown) {
    this.cause = cause
  }
}

/** What became of a row; undefined where 32-bit arithmetic overflows. */
export type Outcome = Classification | Failure | undefined

/** One run of the model; times are `performance.now()`'s. */
export interface Execution { readonly start: number, readonly end: number, readonly rows: number }

/** Told of each execution that held rows of a submission, in the rows' order, and how many of them it held. */
export type ExecutionWatch = (execution: Execution, rows: number) => void

/** Rows that were submitted together, and how far they have come. */
interface Submission {
  readonly rows: readonly Row[]
  readonly outcomes: Outcome[]
  readonly watch: ExecutionWatch | undefined
  taken: number
  settle (outcomes: Outcome[]): void
}

/** In order of arrival; `waiting`: their rows that no execution has taken yet. */
interface Line { readonly submissions: Submission[], waiting: number }

/** Rows of concurrent requests, whatever they came in, share executions. */
export interface BatchQueue {
  /** Rows that wait for an execution. */
  readonly waiting: number
  /**
   * @returns an outcome a row, in order
   * @throws OverloadedError when the rows would not fit in the queue; none of them is executed then
   */
  submit (rows: readonly Row[], manner?: Manner, watch?: ExecutionWatch): Promise<Outcome[]>
  /** Calls back, once, as soon as no row waits. */
  whenEmpty (empty: () => void): void
}

/**
 * Natural batching: what arrives in one turn of the event loop is executed at the end of that turn, so a lone row waits for
 * nobody. First come, first served, single rows before those in bulk; one execution a turn, so that other requests, health
 * checks among them, come in between.
 */
export function createBatchQueue (classifier: Classifier, { executionMax, queueMax }: BatchLimits): BatchQueue {
  const single: Line = { submissions: [], waiting: 0 }
  const bulk: Line = { submissions: [], waiting: 0 }
  let scheduled = false
  let onEmpty: (() => void) | undefined

  async function submit (rows: readonly Row[], manner: Manner = 'single', watch?: ExecutionWatch): Promise<Outcome[]> {
    if (rows.length === 0) return []
    const line = manner === 'single' ? single : bulk
    if (manner !== 'more' && line.waiting + rows.length > queueMax) throw new OverloadedError()
    line.waiting += rows.length
    if (!scheduled) setImmediate(executeNext)
    scheduled = true
    return new Promise((resolve) => { line.submissions.push({ rows, outcomes: [], watch, taken: 0, settle: resolve }) })
  }

  function executeNext (): void {
    const shares = takeShares(single, executionMax)
    const taken = shares.reduce((sum, { rows }) => sum + rows.length, 0)
    shares.push(...takeShares(bulk, executionMax - taken))
    const batch = shares.length === 1 ? shares[0]!.rows : shares.flatMap(({ rows }) => rows)
    scheduled = single.submissions.length + bulk.submissions.length > 0
    if (scheduled) setImmediate(executeNext)
    const start = performance.now()
    const outcomes = execute(classifier, batch)
    const execution = { start, end: performance.now(), rows: batch.length }
    let at = 0
    for (const { submission, rows } of shares) {
      submission.watch?.(execution, rows.length)
      for (let i = 0; i < rows.length; i++) submission.outcomes.push(outcomes[at++])
      if (submission.outcomes.length === submission.rows.length) submission.settle(submission.outcomes)
    }
    if (!scheduled) onEmpty?.()
  }

  function whenEmpty (empty: () => void): void {
    onEmpty = () => {
      onEmpty = undefined
      empty()
    }
    if (!scheduled) onEmpty()
  }

  return { submit, whenEmpty, get waiting () { return single.waiting + bulk.waiting } }
}

/** The oldest rows of a line, as many as there is room for. */
function takeShares (line: Line, room: number) {
  const shares: { submission: Submission, rows: readonly Row[] }[] = []
  while (room > 0 && line.submissions.length > 0) {
    const submission = line.submissions[0]!
    const rows = submission.rows.slice(submission.taken, submission.taken + room)
    submission.taken += rows.length
    line.waiting -= rows.length
    room -= rows.length
    if (submission.taken === submission.rows.length) line.submissions.shift()
    shares.push({ submission, rows })
  }
  return shares
}

/** One execution for all; when it throws, one a row, so that only a row at fault fails. */
function execute (classifier: Classifier, rows: readonly Row[]): Outcome[] {
  try {
    return classifier.classify(rows)
  } catch (error) {
    return rows.length === 1 ? [new Failure(error)] : rows.flatMap((row) => execute(classifier, [row]))
  }
}
