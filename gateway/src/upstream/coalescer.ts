import type { FastifyBaseLogger } from 'fastify'
import { Overloaded, UpstreamTimeout, UpstreamUnreachable } from '../errors.ts'
import type { ExchangeCounts } from '../observe/metrics/counts.ts'
import { decodeExchange, encodeExchange } from './exchange.ts'
import type { ExchangeAnswer, ExchangeItem } from './exchange.ts'
import { Line } from './line.ts'
import type { Place } from './line.ts'
import type { UpstreamPool } from './pool.ts'
import { Trip } from './trip.ts'

/** A request that waits for its exchange, or for the answer in it. */
export interface Passenger extends ExchangeItem {
  /** Its place in the line of those not answered yet; the coalescer's own. */
  place?: Place<Passenger> | undefined
  /** Called when it is sent. */
  leaves: (trip: Trip) => void
  /** Called once: with the answer, with what the client is to be told, or with `plainly`. */
  done: (outcome: ExchangeAnswer | Error | typeof plainly) => void
}

/** The upstream does not speak the exchange: the request has not been looked at, and goes by itself. */
export const plainly = Symbol('to be proxied plainly')

/** What came of an exchange. */
type Outcome = ExchangeAnswer[] | Error | typeof plainly

export interface CoalescerOptions {
  path: string
  upstreams: UpstreamPool
  /** Requests in one exchange at most. */
  max: number
  /** Requests that may wait. */
  queueMax: number
  /** Milliseconds from a request to its answer. */
  timeout: number
  logger: FastifyBaseLogger
  /** Told of each exchange. */
  exchanges: ExchangeCounts
}

/**
 * Exchanges under way to each upstream: one that it works on, and one that is there when it has finished. More would only
 * make exchanges smaller.
 */
const exchangesAtOnce = 2

/** Bodies of one exchange at most: 256 of the longest. An upstream need not take more. */
const mostBytes = 4 * 1024 * 1024

/** An upstream that did not speak the exchange may have been replaced by one that does. */
const askAgainAfter = 60_000

/**
 * Sends concurrent small requests to one path together. When nothing is under way a request goes at once, with those that
 * came in the same turn of the event loop; while exchanges are under way requests gather. So there is no waiting at low
 * load, and under high load the exchanges grow by themselves.
 */
export class Coalescer {
  readonly #options: CoalescerOptions
  readonly #line = new Line<Passenger>()
  #underWay = 0
  #scheduled = false
  #timer: NodeJS.Timeout | undefined
  #plainUntil = 0
  #toldUntil = 0
  /** Exchanges that failed since the last line that told of one. */
  #untold = 0

  constructor (options: CoalescerOptions) {
    this.#options = options
    options.exchanges.follow(() => this.waiting)
  }

  get waiting (): number {
    return this.#line.waiting
  }

  /** Whether the upstream speaks the exchange, as far as is known. */
  get isSpoken (): boolean {
    return this.#plainUntil === 0 || performance.now() >= this.#plainUntil
  }

  /** Takes a request on. Its `done` is called later, never at once. */
  add (passenger: Passenger): void {
    // Those that will be sent at the end of this turn do not wait.
    if (this.waiting >= this.#options.queueMax + this.#freeExchanges * this.#options.max) {
      setImmediate(() => passenger.done(new Overloaded()))
      return
    }
    passenger.place = this.#line.join(passenger, performance.now() + this.#options.timeout)
    this.#timer ??= setTimeout(() => this.#expire(), this.#options.timeout)
    this.#schedule()
  }

  /** Lets a request go whose client has gone; it is not sent if it was not yet. */
  leave (passenger: Passenger): void {
    if (passenger.place === undefined) return
    this.#line.leave(passenger.place)
    passenger.place = undefined
  }

  get #freeExchanges (): number {
    return Math.max(0, exchangesAtOnce * this.#options.upstreams.size - this.#underWay)
  }

  #schedule (): void {
    if (this.#scheduled || this.waiting === 0 || this.#freeExchanges === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#send()
      this.#schedule()
    })
  }

  #send (): void {
    const passengers: Passenger[] = []
    let bytes = 0
    while (passengers.length < this.#options.max) {
      const next = this.#line.firstWaiting?.who
      if (next === undefined) break
      bytes += next.body.length
      if (bytes > mostBytes && passengers.length > 0) break
      this.#line.call()
      passengers.push(next)
    }
    if (passengers.length === 0) return
    this.#underWay++
    const { path, upstreams, exchanges } = this.#options
    exchanges.items.observe(passengers.length)
    const trip = new Trip(passengers.length)
    for (const passenger of passengers) passenger.leaves(trip)
    upstreams.exchange({
      path,
      text: encodeExchange(passengers),
      trip,
      done: (error, status, body) => this.#arrived(passengers, error ?? outcomeOf(status, body, passengers.length))
    })
  }

  #arrived (passengers: Passenger[], outcome: Outcome): void {
    this.#underWay--
    if (outcome === plainly) {
      // Nobody who waits needs to hear it again.
      for (let next = this.#line.call(); next !== undefined; next = this.#line.call()) passengers.push(next)
      this.#plainUntil = performance.now() + askAgainAfter
      this.#options.logger.info({ path: this.#options.path }, 'upstream does not speak the exchange: requests go one by one')
    } else if (outcome instanceof Error) {
      this.#tellFailure(outcome, passengers.length)
    }
    this.#schedule()
    for (let index = 0; index < passengers.length; index++) {
      this.#answer(passengers[index]!, Array.isArray(outcome) ? outcome[index]! : outcome)
    }
  }

  /** Each request has its own line; why it failed is told of the first exchange in a second. */
  #tellFailure (error: Error, items: number): void {
    const now = performance.now()
    this.#untold++
    if (now < this.#toldUntil) return
    this.#options.logger.warn({ err: error, path: this.#options.path, items, exchanges: this.#untold }, 'exchange failed')
    this.#toldUntil = now + 1000
    this.#untold = 0
  }

  /** Nobody is answered who has left, or whose time is up. */
  #answer (passenger: Passenger, outcome: Parameters<Passenger['done']>[0]): void {
    if (passenger.place === undefined) return
    this.leave(passenger)
    try {
      passenger.done(outcome)
    } catch (error) {
      // One whose answer can't be written is no reason to leave its neighbours without theirs.
      this.#options.logger.error({ err: error }, 'an answer could not be passed on')
    }
  }

  /** Those whose time is up stand first in line. */
  #expire (): void {
    const now = performance.now()
    this.#timer = undefined
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if (first.deadline > now) {
        this.#timer = setTimeout(() => this.#expire(), first.deadline - now)
        return
      }
      this.#answer(first.who, new UpstreamTimeout())
    }
  }
}

function outcomeOf (status: number, body: string, count: number): Outcome {
  if (status === 415) return plainly
  if (status === 503) return new Overloaded()
  try {
    if (status !== 200) throw new Error(`an exchange answered with status ${status}`)
    return decodeExchange(body, count)
  } catch (cause) {
    return Object.assign(new UpstreamUnreachable(), { cause })
  }
}
