import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.ts'
import { Backend } from './backend.ts'
import { Discovery } from './discovery.ts'
import { Dispatch } from './dispatch.ts'
import { ExchangeErrand } from './exchange-errand.ts'
import type { Exchange } from './exchange-errand.ts'
import { HealthChecks } from './health-checks.ts'
import { RequestErrand } from './request-errand.ts'
import type { RequestCallback, RequestOptions } from './request-errand.ts'

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

/** The upstreams that there are and how they are; as reply-from takes a dispatcher, and what exchanges go over. */
export class UpstreamPool {
  readonly #options: UpstreamOptions
  readonly #backends = new Map<string, Backend>()
  readonly #discovery: Discovery
  readonly #checks: HealthChecks
  readonly #dispatch: Dispatch
  /** Called when a request finds no upstream with room. */
  onWaiting: (() => void) | undefined

  constructor (options: UpstreamOptions) {
    this.#options = options
    this.#dispatch = new Dispatch(this.#backends, { ...options, onWaiting: () => this.onWaiting?.() })
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
    return this.#dispatch.waiting
  }

  /**
   * Sends one request; the callback gets the answer, or what the client is to be told: `UpstreamUnreachable`,
   * `UpstreamNotReady`, `UpstreamTimeout`, `Overloaded`, or an `AbortError` when the client has gone.
   */
  request (options: RequestOptions, callback: RequestCallback): void {
    this.#dispatch.go(new RequestErrand(this.#dispatch, options, callback, this.#options.timeout))
  }

  /** Sends one exchange, with the same errors but the last. */
  exchange (exchange: Exchange): void {
    this.#dispatch.go(new ExchangeErrand(this.#dispatch, exchange, this.#options.timeout))
  }

  async close (): Promise<void> {
    this.#discovery.close()
    this.#checks.close()
    await Promise.all([...this.#backends.values()].map((backend) => backend.close({ abruptly: true })))
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
