import type { FastifyBaseLogger } from 'fastify'

const interval = 60_000
const longestReason = 200

/**
 * Says in the log that spans do not reach the collector: the first failure at once, and from then on what else there was, at
 * most one line a minute. A collector that is down must not fill the log of a service that is well.
 */
export class FailureReports {
  readonly #logger: FastifyBaseLogger
  #failures = 0
  #spans = 0
  #reason = ''
  #failing = false
  #timer: NodeJS.Timeout | undefined

  constructor (logger: FastifyBaseLogger) {
    this.#logger = logger
  }

  /**
   * Counts a failure.
   * @param reason in words, which may be the collector's own
   * @param spans how many are lost with it, as far as is known
   */
  failed (reason: string, spans = 0): void {
    this.#failing = true
    this.#failures++
    this.#spans += spans
    this.#reason = reason.slice(0, longestReason)
    if (this.#timer === undefined) this.#tell()
  }

  succeeded (): void {
    this.#failing = false
  }

  /** Tells what is left to tell. */
  close (): void {
    clearTimeout(this.#timer)
    if (this.#failures > 0) this.#tell()
    clearTimeout(this.#timer)
  }

  #tell (): void {
    this.#logger.warn({ reason: this.#reason, failures: this.#failures, spans: this.#spans }, 'trace export failed')
    this.#failures = 0
    this.#spans = 0
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#failures > 0) this.#tell()
      else if (!this.#failing) this.#logger.info('trace export works again')
    }, interval).unref()
  }
}
