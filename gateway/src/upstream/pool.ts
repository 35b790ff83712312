import type { FastifyBaseLogger } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Config } from '../config.ts'
import { Overloaded, UpstreamNotReady, UpstreamTimeout, UpstreamUnreachable } from '../errors.ts'
import { Backend, isConnectError } from './backend.ts'
import { Choice } from './choice.ts'
import { Discovery } from './discovery.ts'
import { HealthChecks } from './health-checks.ts'
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

type Options = Dispatcher.RequestOptions & { headers: Record<string | symbol, unknown> }
type Callback = (error: Error | null, response?: Dispatcher.ResponseData) => void

export interface UpstreamOptions {
  /** Where the upstreams are; a name stands for all its addresses. */
  origins: string[]
  /** Milliseconds from the request to the head of its answer, waiting included; and between pieces of the answer's body. */
  timeout: number
  /** Requests that may wait for an upstream with room. */
  queueMax: number
  healthPath: string
  logger: FastifyBaseLogger
}

/** The upstreams that the configuration names. */
export function createUpstreams (config: Config, logger: FastifyBaseLogger): UpstreamPool {
  return new UpstreamPool({
    origins: config.PREDICTOR_URL,
    timeout: config.UPSTREAM_TIMEOUT_MS,
    queueMax: config.UPSTREAM_QUEUE_MAX,
    healthPath: config.UPSTREAM_HEALTH_PATH,
    logger
  })
}

/** A request on its way to an upstream. */
interface Errand {
  options: Options
  signal: AbortSignal
  trip: Trip | undefined
  callback: Callback
  /** Whom it was sent to in vain. */
  tried: Backend | undefined
}

/**
 * The upstreams, as reply-from takes a dispatcher. Each request goes to the one with the fewest in flight, over a kept-alive
 * connection; when all have their hands full it waits, and when too many wait it is refused at once.
 */
export class UpstreamPool {
  readonly #options: UpstreamOptions
  readonly #backends = new Map<string, Backend>()
  readonly #discovery: Discovery
  readonly #checks: HealthChecks
  /** In order of arrival. A set, since those whose time is up leave from the middle. */
  readonly #waiting = new Set<Errand>()
  readonly #choice = new Choice()
  /** Called when a request finds no upstream with room. */
  onWaiting: (() => void) | undefined

  constructor (options: UpstreamOptions) {
    this.#options = options
    this.#discovery = new Discovery(options.origins, (origins) => this.#use(origins), options.logger)
    this.#checks = new HealthChecks(options.healthPath, () => this.#backends.values(), options.logger)
  }

  /** Finds the upstreams and asks how they are; resolves when both are known. */
  async start (): Promise<void> {
    await this.#discovery.start()
    await this.#checks.start()
  }

  /** Whether a request that came now would be served. */
  get isReady (): boolean {
    return this.up > 0
  }

  /** Upstreams whose last check was good. */
  get up (): number {
    return [...this.#backends.values()].filter(({ health }) => health === 'up').length
  }

  /** How many upstreams there are, well or not. */
  get size (): number {
    return this.#backends.size
  }

  get backends (): Backend[] {
    return [...this.#backends.values()]
  }

  get inFlight (): number {
    return this.backends.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  get waiting (): number {
    return this.#waiting.size
  }

  /**
   * Sends one request; the callback gets the answer, or what the client is to be told: `UpstreamUnreachable`,
   * `UpstreamNotReady`, `UpstreamTimeout`, `Overloaded`, or an `AbortError` when the client has gone.
   */
  request (options: Options, callback: Callback): void {
    const { signal: gone, trip, failed } = options.headers[callOf] as Call
    const abort = new AbortController()
    const leave = () => abort.abort()
    const deadline = setTimeout(() => abort.abort(new UpstreamTimeout()), this.#options.timeout)
    gone.addEventListener('abort', leave, { once: true })
    const errand: Errand = {
      options,
      signal: abort.signal,
      trip,
      tried: undefined,
      callback: (error, response) => {
        clearTimeout(deadline)
        if (response === undefined) gone.removeEventListener('abort', leave)
        else response.body.once('close', () => gone.removeEventListener('abort', leave))
        if (error !== null && failed !== undefined) failed(error)
        else callback(error, response)
      }
    }
    abort.signal.addEventListener('abort', () => {
      if (this.#waiting.delete(errand)) errand.callback(abort.signal.reason)
    }, { once: true })
    if (gone.aborted) leave()
    this.#dispatch(errand)
  }

  async close (): Promise<void> {
    this.#discovery.close()
    this.#checks.close()
    await Promise.all([...this.#backends.values()].map((backend) => backend.close({ abruptly: true })))
  }

  #dispatch (errand: Errand): void {
    const backend = this.#choose(errand.tried)
    if (backend === undefined) errand.callback(errand.tried === undefined ? this.#nobody() : new UpstreamUnreachable())
    else if (!backend.isFull) this.#send(errand, backend)
    else if (this.#waiting.size >= this.#options.queueMax) errand.callback(new Overloaded())
    else {
      this.#waiting.add(errand)
      this.onWaiting?.()
    }
  }

  #choose (tried: Backend | undefined): Backend | undefined {
    return this.#choice.among(this.#backends.values(), tried)
  }

  #nobody (): Error {
    return this.#backends.size === 0 ? new UpstreamUnreachable() : new UpstreamNotReady()
  }

  #send (errand: Errand, backend: Backend): void {
    const { options, signal, trip } = errand
    trip?.sent(backend.address)
    backend.request({ ...options, headers: options.headers as Record<string, string>, signal }, (error, response) => {
      if (error === null) this.#answered(errand, backend, response!)
      else this.#failed(errand, backend, error)
    })
  }

  #answered (errand: Errand, backend: Backend, response: Dispatcher.ResponseData): void {
    if (response.statusCode < 200 || response.statusCode > 599) {
      response.body.on('error', () => {}).destroy()
      return this.#failed(errand, backend, new Error(`status ${response.statusCode}`))
    }
    backend.succeeded()
    response.body.once('close', () => {
      errand.trip?.ended()
      this.#nextInLine()
    })
    errand.callback(null, response)
  }

  #failed (errand: Errand, backend: Backend, error: Error): void {
    errand.trip?.ended()
    this.#nextInLine()
    if (error === errand.signal.reason && !(error instanceof UpstreamTimeout)) return errand.callback(error)
    const suspension = backend.failed(performance.now())
    if (suspension !== undefined) {
      backend.calls.ejections++
      this.#options.logger.warn({ upstream: backend.address, ms: suspension, err: error }, 'upstream suspended')
    }
    // Not a byte went out: another upstream may have the request. Nothing else is ever sent twice.
    if (isConnectError(error) && errand.tried === undefined && this.#choose(backend) !== undefined) {
      errand.tried = backend
      backend.calls.retries++
      return this.#dispatch(errand)
    }
    errand.callback(error instanceof UpstreamTimeout ? error : Object.assign(new UpstreamUnreachable(), { cause: error }))
  }

  #nextInLine (): void {
    for (const errand of this.#waiting) {
      const backend = this.#choose(errand.tried)
      if (backend === undefined || backend.isFull) return
      this.#waiting.delete(errand)
      this.#send(errand, backend)
    }
  }

  /** Takes up new addresses, and lets go of those that are no more; what is in flight there is finished. */
  #use (origins: Set<string>): void {
    for (const origin of origins) {
      if (this.#backends.has(origin)) continue
      const backend = new Backend(origin, this.#options.timeout)
      this.#backends.set(origin, backend)
      this.#options.logger.info({ upstream: backend.address }, 'upstream added')
      void this.#checks.check(backend)
    }
    for (const [origin, backend] of this.#backends) {
      if (origins.has(origin)) continue
      this.#backends.delete(origin)
      this.#options.logger.info({ upstream: backend.address }, 'upstream removed')
      void backend.close()
    }
  }
}
