import type { FastifyBaseLogger } from 'fastify'
import { Overloaded, UpstreamNotReady, UpstreamTimeout, UpstreamUnreachable } from '../errors.ts'
import { isConnectError } from './backend.ts'
import type { Backend } from './backend.ts'
import { Choice } from './choice.ts'
import type { Trip } from './trip.ts'

/** Something to be taken to an upstream. */
export interface Errand {
  readonly trip: Trip | undefined
  /** Whom it was sent to in vain. */
  tried: Backend | undefined
  /** Sends it. Whoever sends it tells the dispatch how it went. */
  send: (backend: Backend) => void
  /** There is no answer: takes what the client is to be told. */
  refuse: (error: Error) => void
}

interface DispatchOptions {
  /** Errands that may wait for an upstream with room. */
  queueMax: number
  logger: FastifyBaseLogger
  /** Called when an errand finds no upstream with room. */
  onWaiting: () => void
}

/**
 * Who goes to which upstream, and when. Each errand goes to the one with the fewest in flight; when all have their hands full
 * it waits, and when too many wait it is refused at once.
 */
export class Dispatch {
  readonly #backends: ReadonlyMap<string, Backend>
  readonly #options: DispatchOptions
  /** In order of arrival. A set, since those whose time is up leave from the middle. */
  readonly #waiting = new Set<Errand>()
  readonly #choice = new Choice()

  constructor (backends: ReadonlyMap<string, Backend>, options: DispatchOptions) {
    this.#backends = backends
    this.#options = options
  }

  get waiting (): number {
    return this.#waiting.size
  }

  go (errand: Errand): void {
    const backend = this.#choose(errand.tried)
    if (backend === undefined) errand.refuse(errand.tried === undefined ? this.#nobody() : new UpstreamUnreachable())
    else if (!backend.isFull) this.#send(errand, backend)
    else if (this.#waiting.size >= this.#options.queueMax) errand.refuse(new Overloaded())
    else {
      this.#waiting.add(errand)
      this.#options.onWaiting()
    }
  }

  /** Takes an errand out of those that wait; whether it was one. */
  leave (errand: Errand): boolean {
    return this.#waiting.delete(errand)
  }

  /** An errand is over, and its upstream has room for another. */
  ended ({ trip }: Errand): void {
    trip?.ended()
    for (const errand of this.#waiting) {
      const backend = this.#choose(errand.tried)
      if (backend === undefined || backend.isFull) return
      this.#waiting.delete(errand)
      this.#send(errand, backend)
    }
  }

  /** An errand came back without an answer, for the upstream's sake. */
  failed (errand: Errand, backend: Backend, error: Error): void {
    this.ended(errand)
    const suspension = backend.failed(performance.now())
    if (suspension !== undefined) {
      backend.calls.ejections++
      this.#options.logger.warn({ upstream: backend.address, ms: suspension, err: error }, 'upstream suspended')
    }
    // Not a byte went out: another upstream may have the request. Nothing else is ever sent twice.
    if (isConnectError(error) && errand.tried === undefined && this.#choose(backend) !== undefined) {
      errand.tried = backend
      backend.calls.retries++
      return this.go(errand)
    }
    errand.refuse(error instanceof UpstreamTimeout ? error : Object.assign(new UpstreamUnreachable(), { cause: error }))
  }

  #choose (tried: Backend | undefined): Backend | undefined {
    return this.#choice.among(this.#backends.values(), tried)
  }

  #nobody (): Error {
    return this.#backends.size === 0 ? new UpstreamUnreachable() : new UpstreamNotReady()
  }

  #send (errand: Errand, backend: Backend): void {
    errand.trip?.sent(backend.address)
    errand.send(backend)
  }
}
