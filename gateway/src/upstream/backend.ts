import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { UpstreamTimeout } from '../errors.ts'
import { UpstreamCalls } from '../observe/metrics/upstream-calls.ts'
import type { CallFailure } from '../observe/metrics/upstream-calls.ts'
import { ExchangeLinks } from './exchange-links.ts'
import type { ExchangeLink, Sender } from './exchange-link.ts'
import { readModelState } from './health-report.ts'
import type { ModelState } from './health-report.ts'

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
  /** Whether it said with its health that it refused a model. */
  refusesModel = false
  inFlight = 0
  readonly calls = new UpstreamCalls()
  /** Requests that failed one after another. */
  #failures = 0
  #suspendedUntil = 0
  readonly #pool: Pool
  readonly #links: ExchangeLinks

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
    this.#links = new ExchangeLinks(origin, connectTimeout)
  }

  get isFull (): boolean {
    return this.inFlight >= requestsAtOnce
  }

  isSuspended (now: number): boolean {
    return now < this.#suspendedUntil
  }

  /** Sends one request; it counts as in flight until its answer's body is closed. */
  request (options: Dispatcher.RequestOptions, callback: (error: Error | null, data?: Dispatcher.ResponseData) => void): void {
    const ended = this.#begin()
    this.#pool.request(options, (error, data) => {
      if (error !== null) ended(error, 0)
      else data.body.once('close', () => ended(data.body.errored, data.statusCode))
      callback(error, data)
    })
  }

  /**
   * Sends one exchange; it counts as one request in flight until the sender is told that it is done.
   * @param text a character a byte
   */
  exchange (path: string, text: string, sender: Sender): ExchangeLink {
    const ended = this.#begin()
    return this.#links.send(path, text, {
      arriving: () => sender.arriving(),
      done: (error, answer) => {
        ended(error, answer.status)
        sender.done(error, answer)
      }
    })
  }

  #begin (): (error: Error | null, status: number) => void {
    const start = performance.now()
    this.inFlight++
    return (error, status) => {
      this.inFlight--
      const seconds = (performance.now() - start) / 1000
      if (error === null) this.calls.answered(status, seconds)
      else this.calls.failed(failureOf(error), seconds)
    }
  }

  /** @returns the status of the health path's answer, and what it says of the upstream's model */
  async check (path: string, timeout: number): Promise<{ status: number, model: ModelState | undefined }> {
    const { statusCode, body } = await this.#pool.request({ path, method: 'GET', signal: AbortSignal.timeout(timeout) })
    return { status: statusCode, model: await readModelState(body) }
  }

  succeeded (): void {
    this.#failures = 0
  }

  /**
   * Counts a request that failed for the upstream's sake.
   * @returns milliseconds of the suspension that begins with it, if one does
   */
  failed (now: number): number | undefined {
    // What was on its way when it began, and what is tried for want of anybody else, says nothing new.
    if (this.isSuspended(now)) return undefined
    this.#failures++
    if (this.#failures < failuresTolerated) return undefined
    // After it, one more failure is enough for a longer one.
    const suspension = Math.min(firstSuspension * 2 ** (this.#failures - failuresTolerated), longestSuspension)
    this.#suspendedUntil = now + suspension
    return suspension
  }

  /** Ends its connections: at once, or when what is in flight is done. */
  async close ({ abruptly = false } = {}): Promise<void> {
    await Promise.all([abruptly ? this.#pool.destroy() : this.#pool.close(), this.#links.close({ abruptly })])
  }
}

/** Whether a connection could not be made: not a byte of the request went out. */
export function isConnectError (error: Error): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException
  return syscall === 'connect' || code === 'UND_ERR_CONNECT_TIMEOUT'
}

function failureOf (error: Error): CallFailure {
  if (isConnectError(error)) return 'connect'
  if (error instanceof UpstreamTimeout) return 'timeout'
  return error.name === 'AbortError' ? 'client_left' : 'broken'
}
