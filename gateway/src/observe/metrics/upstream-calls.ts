import { Distribution, durationBounds } from './distribution.ts'
import type { Reading } from './exposition.ts'

/** Why a request to an upstream had no answer. */
export type CallFailure = 'connect' | 'timeout' | 'client_left' | 'broken'

/** The requests to one upstream; they go when it goes, so that addresses which come and go leave nothing behind. */
export class UpstreamCalls {
  readonly #byClass: (Distribution | undefined)[] = []
  readonly #failed = new Map<CallFailure, Distribution>()
  /** Requests that another upstream got after this one could not be connected to. */
  retries = 0
  ejections = 0

  answered (status: number, seconds: number): void {
    const distribution = this.#byClass[Math.floor(status / 100)] ??= new Distribution(durationBounds)
    distribution.observe(seconds)
  }

  failed (why: CallFailure, seconds: number): void {
    let distribution = this.#failed.get(why)
    if (distribution === undefined) this.#failed.set(why, distribution = new Distribution(durationBounds))
    distribution.observe(seconds)
  }

  * durations (): Generator<Reading<Distribution>> {
    for (const [digit, distribution] of this.#byClass.entries()) {
      if (distribution !== undefined) yield [{ http_response_status_class: `${digit}xx`, error_type: '' }, distribution]
    }
    for (const [why, distribution] of this.#failed) yield [{ http_response_status_class: '', error_type: why }, distribution]
  }
}
