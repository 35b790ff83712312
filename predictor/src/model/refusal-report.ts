import type { FastifyBaseLogger } from 'fastify'
import { ModelError } from '../errors.ts'
import type { Signature } from '../schemas/signature.ts'
import type { Candidate, Failure } from './candidate.ts'
import type { Refusals } from './refusals.ts'

interface ReportOptions { readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>, readonly refusals: Refusals }

/** What a look at the folder came to. */
interface Look {
  readonly serving: Pick<Signature, 'name' | 'version'>
  /** From the highest version down to the one that serves. */
  readonly candidates: readonly Candidate[]
  /** Those of them whose failure is to be told. */
  readonly failed: readonly Candidate[]
  /** Why there is no version at all, once that has lasted. */
  readonly nothing: Failure | undefined
}

/** Tells what is refused: each failure once in the log, and in `refusals` for as long as it stands. */
export class RefusalReport {
  readonly #logger: ReportOptions['logger']
  readonly #refusals: Refusals
  #nothing: Failure | undefined

  constructor ({ logger, refusals }: ReportOptions) {
    this.#logger = logger
    this.#refusals = refusals
  }

  tell ({ serving, candidates, failed, nothing }: Look): void {
    for (const candidate of failed) {
      if (candidate.failure === candidate.told) continue
      candidate.told = candidate.failure
      this.#refusals.total++
      this.#log(candidate.failure!, 'model refused', serving)
    }
    if (nothing !== undefined && this.#nothing === undefined) this.#log(nothing, 'no version of the model is left', serving)
    this.#nothing = nothing
    const told = nothing ?? candidates.find(({ told }) => told !== undefined)?.told
    if (told === undefined && this.#refusals.current !== undefined) this.#logger.info('no model is refused any more')
    this.#refusals.current = told && { version: told.version, reason: told.reason }
  }

  #log ({ version, reason, error }: Failure, message: string, { name, version: serving }: Look['serving']): void {
    // A refused model's stack says nothing; that of a bug does.
    const err = error instanceof ModelError ? undefined : error
    this.#logger.error({ version, reason, model: { name, version: serving }, err }, message)
  }
}
