import type { Dispatcher } from 'undici'
import { UpstreamTimeout } from '../errors.ts'
import type { Backend } from './backend.ts'
import type { Dispatch, Errand } from './dispatch.ts'
import type { Trip } from './trip.ts'

/** The request's own life, for the upstream call made on its behalf. */
export interface Call {
  /** Aborts when the client has gone. */
  signal: AbortSignal
  /** Told where it was sent, and when. */
  trip?: Trip
  /** Called instead of the callback when there is no answer: reply-from would log a client that left with a stack. */
  failed?: (error: Error) => void
}

/**
 * reply-from hands a dispatcher nothing of the request but method, path, headers and body. The call travels with the
 * headers under a symbol, which no header can be named.
 */
export const callOf = Symbol('upstream call')

export type RequestOptions = Dispatcher.RequestOptions & { headers: Record<string | symbol, unknown> }
export type RequestCallback = (error: Error | null, response?: Dispatcher.ResponseData) => void

/** A client's request by itself, on its way to an upstream. */
export class RequestErrand implements Errand {
  tried: Backend | undefined
  readonly trip: Trip | undefined
  readonly #dispatch: Dispatch
  readonly #options: RequestOptions
  readonly #callback: RequestCallback
  readonly #call: Call
  readonly #abort = new AbortController()
  readonly #deadline: NodeJS.Timeout
  readonly #leave = () => this.#abort.abort()

  /** @param timeout milliseconds to the head of its answer, waiting included */
  constructor (dispatch: Dispatch, options: RequestOptions, callback: RequestCallback, timeout: number) {
    this.#dispatch = dispatch
    this.#options = options
    this.#callback = callback
    this.#call = options.headers[callOf] as Call
    this.trip = this.#call.trip
    this.#deadline = setTimeout(() => this.#abort.abort(new UpstreamTimeout()), timeout)
    const { signal } = this.#call
    signal.addEventListener('abort', this.#leave, { once: true })
    this.#abort.signal.addEventListener('abort', () => {
      if (dispatch.leave(this)) this.refuse(this.#abort.signal.reason)
    }, { once: true })
    if (signal.aborted) this.#leave()
  }

  send (backend: Backend): void {
    const headers = this.#options.headers as Record<string, string>
    backend.request({ ...this.#options, headers, signal: this.#abort.signal }, (error, response) => {
      if (error === null) this.#answered(backend, response!)
      else this.#failed(backend, error)
    })
  }

  refuse (error: Error): void {
    this.#over()
    if (this.#call.failed === undefined) this.#callback(error)
    else this.#call.failed(error)
  }

  #answered (backend: Backend, response: Dispatcher.ResponseData): void {
    const { statusCode, body } = response
    if (statusCode < 200 || statusCode > 599) {
      body.on('error', () => {}).destroy()
      return this.#failed(backend, new Error(`status ${statusCode}`))
    }
    backend.succeeded()
    clearTimeout(this.#deadline)
    body.once('close', () => {
      this.#over()
      this.#dispatch.ended(this)
    })
    this.#callback(null, response)
  }

  #failed (backend: Backend, error: Error): void {
    const clientLeft = error === this.#abort.signal.reason && !(error instanceof UpstreamTimeout)
    if (!clientLeft) return this.#dispatch.failed(this, backend, error)
    this.#dispatch.ended(this)
    this.refuse(error)
  }

  #over (): void {
    clearTimeout(this.#deadline)
    this.#call.signal.removeEventListener('abort', this.#leave)
  }
}
