import { errors } from 'undici'
import { UpstreamTimeout, UpstreamUnreachable } from '../errors.ts'
import type { Backend } from './backend.ts'
import type { Dispatch, Errand } from './dispatch.ts'
import type { ExchangeLink, Sender } from './exchange-link.ts'
import type { Trip } from './trip.ts'

/** What is sent: many clients' requests, which go on whoever of them leaves. */
export interface Exchange {
  /** Visible ASCII. */
  path: string
  /** A character a byte. */
  text: string
  trip: Trip
  /** Called once: with the answer's status and body, a character a byte, or with what the clients are to be told. */
  done: (error: Error | null, status: number, body: string) => void
}

/** An exchange on its way to an upstream. */
export class ExchangeErrand implements Errand, Sender {
  tried: Backend | undefined
  readonly trip: Trip
  readonly #exchange: Exchange
  readonly #dispatch: Dispatch
  /** Until the head of the answer is there; after that, between its pieces. */
  readonly #timer: NodeJS.Timeout
  #backend: Backend | undefined
  #link: ExchangeLink | undefined
  #isArriving = false

  /** @param timeout milliseconds to the head of its answer, waiting included, and between pieces of the answer */
  constructor (dispatch: Dispatch, exchange: Exchange, timeout: number) {
    this.#dispatch = dispatch
    this.#exchange = exchange
    this.trip = exchange.trip
    this.#timer = setTimeout(() => this.#late(), timeout)
  }

  send (backend: Backend): void {
    this.#backend = backend
    this.#link = backend.exchange(this.#exchange.path, this.#exchange.text, this)
  }

  refuse (error: Error): void {
    clearTimeout(this.#timer)
    this.#exchange.done(error, 0, '')
  }

  arriving (): void {
    this.#isArriving = true
    this.#timer.refresh()
  }

  done (error: Error | null, { status, body }: { status: number, body: string }): void {
    const backend = this.#backend!
    if (status === 0) return this.#dispatch.failed(this, backend, error!)
    if (status > 599) return this.#dispatch.failed(this, backend, new Error(`status ${status}`))
    backend.succeeded()
    this.#dispatch.ended(this)
    if (error !== null) return this.refuse(Object.assign(new UpstreamUnreachable(), { cause: error }))
    clearTimeout(this.#timer)
    this.#exchange.done(null, status, body)
  }

  #late (): void {
    if (this.#dispatch.leave(this)) this.refuse(new UpstreamTimeout())
    else this.#link!.fail(this.#isArriving ? new errors.BodyTimeoutError() : new UpstreamTimeout())
  }
}
