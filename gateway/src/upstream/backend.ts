import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

/** What the last checks of an upstream said: it takes requests; it answers but is not ready; it can't be reached. */
export type Health = 'up' | 'not ready' | 'down'

// 502 within a second when nothing answers at an address at all.
const connectTimeout = 900

/**
 * Requests to one upstream at a time, each on a kept-alive connection of its own. Past it they wait in the gateway, where
 * their deadlines and their clients' leaving are seen.
 */
export const requestsAtOnce = 128

/** Failures in a row after which an upstream gets no requests for a while, unless every other one fails too. */
const failuresTolerated = 3
const firstSuspension = 1000
const longestSuspension = 30000

/** One upstream at one address. */
export class Backend {
  /** Host and port, for the log alone. */
  readonly address: string
  health: Health = 'up'
  inFlight = 0
  /** Requests that failed one after another. */
  #failures = 0
  #suspendedUntil = 0
  readonly #pool: Pool

  /** @param idleTimeout milliseconds between two pieces of an answer's body */
  constructor (origin: string, idleTimeout: number) {
    this.address = new URL(origin).host
    this.#pool = new Pool(origin, {
      connections: requestsAtOnce,
      pipelining: 1,
      connect: { timeout: connectTimeout },
      // The request's own deadline is kept by who sends it.
      headersTimeout: 0,
      bodyTimeout: idleTimeout
    })
  }

  get isFull (): boolean {
    return this.inFlight >= requestsAtOnce
  }

  isSuspended (now: number): boolean {
    return now < this.#suspendedUntil
  }

  /** Sends one request; it counts as in flight until its answer's body is closed. */
  request (options: Dispatcher.RequestOptions, callback: (error: Error | null, data?: Dispatcher.ResponseData) => void): void {
    this.inFlight++
    this.#pool.request(options, (error, data) => {
      if (error !== null) this.inFlight--
      else data.body.once('close', () => { this.inFlight-- })
      callback(error, data)
    })
  }

  /** @returns the status of the health path's answer */
  async check (path: string, timeout: number): Promise<number> {
    const { statusCode, body } = await this.#pool.request({ path, method: 'GET', signal: AbortSignal.timeout(timeout) })
    await body.dump()
    return statusCode
  }

  succeeded (): void {
    this.#failures = 0
  }

  /**
   * Counts a request that failed for the upstream's sake.
   * @returns milliseconds of the suspension that begins with it, if one does
   */
  failed (now: number): number | undefined {
    this.#failures++
    if (this.#failures < failuresTolerated) return undefined
    const suspension = Math.min(firstSuspension * 2 ** (this.#failures - failuresTolerated), longestSuspension)
    this.#suspendedUntil = now + suspension
    return suspension
  }

  /** Ends its connections: at once, or when what is in flight is done. */
  async close ({ abruptly = false } = {}): Promise<void> {
    await (abruptly ? this.#pool.destroy() : this.#pool.close())
  }
}
