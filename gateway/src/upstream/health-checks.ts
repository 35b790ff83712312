import type { FastifyBaseLogger } from 'fastify'
import type { Backend, Health } from './backend.ts'
import { UpstreamAlerts } from './upstream-alerts.ts'

const interval = 1000
const timeout = 1000
// A check that only came late may be a busy moment; several in a row are not.
const failuresTolerated = 3

/** Asks every upstream's health path once a second, and says in the log when the answer changes. */
export class HealthChecks {
  readonly #path: string
  readonly #backends: () => Iterable<Backend>
  readonly #logger: FastifyBaseLogger
  readonly #failures = new WeakMap<Backend, number>()
  readonly #alerts: UpstreamAlerts
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor (path: string, backends: () => Iterable<Backend>, logger: FastifyBaseLogger) {
    this.#path = path
    this.#backends = backends
    this.#logger = logger
    this.#alerts = new UpstreamAlerts(logger)
  }

  /** Checks all once, and from then on regularly. */
  async start (): Promise<void> {
    await Promise.all([...this.#backends()].map((backend) => this.check(backend)))
    this.#alerts.keep(new Set(this.#backends()))
    if (!this.#closed) this.#timer = setTimeout(() => { void this.start() }, interval).unref()
  }

  close (): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async check (backend: Backend): Promise<void> {
    try {
      const { status, model } = await backend.check(this.#path, timeout)
      this.#failures.delete(backend)
      this.#is(backend, status >= 200 && status <= 299 ? 'up' : 'not ready')
      if (!this.#closed) this.#alerts.said(backend, model)
    } catch (error) {
      const failures = (this.#failures.get(backend) ?? 0) + 1
      this.#failures.set(backend, failures)
      const refused = (error as NodeJS.ErrnoException).syscall === 'connect'
      if (refused || failures >= failuresTolerated) this.#is(backend, 'down')
    }
  }

  #is (backend: Backend, health: Health): void {
    if (!this.#closed) this.#alerts.checked(backend, health)
    if (backend.health === health) return
    backend.health = health
    const { address } = backend
    if (health === 'up') this.#logger.info({ upstream: address }, 'upstream is up')
    else if (!this.#closed) this.#logger.warn({ upstream: address }, `upstream is ${health}`)
  }
}
