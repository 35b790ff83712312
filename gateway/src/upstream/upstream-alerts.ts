import type { FastifyBaseLogger } from 'fastify'
import { raise } from '../alerts.ts'
import type { Severity } from '../alerts.ts'
import type { Backend, Health } from './backend.ts'
import type { ModelState } from './health-report.ts'

/** Bad checks in a row, a second apart: who starts, or ends in order, is not there for a while. */
const tolerated = 10

/** What has been seen of an upstream. */
interface Seen {
  wasUp: boolean
  /** Bad checks in a row; when the first of them was, in milliseconds since 1970; whether anybody was told. */
  bad: number
  since: number
  told: boolean
  /** What it said of its model last. */
  model: string | undefined
}

/** Says what the checks of upstreams mean: in the log and as alerts, when it changes. */
export class UpstreamAlerts {
  readonly #logger: FastifyBaseLogger
  readonly #seen = new Map<Backend, Seen>()

  constructor (logger: FastifyBaseLogger) {
    this.#logger = logger
  }

  /** To be called after each check. Unreachable after it has been up is told at once, other trouble when it lasts, and its end. */
  checked (backend: Backend, health: Health): void {
    const seen = this.#of(backend)
    if (health === 'up') return this.#isWell(backend, seen)
    if (seen.bad++ === 0) seen.since = Date.now()
    const isNews = !seen.told && ((health === 'down' && seen.wasUp) || seen.bad >= tolerated)
    if (!isNews) return
    seen.told = true
    tell(backend, 'error', health === 'down' ? 'cannot be reached' : 'is not ready')
  }

  /** Takes what a health answer says of the upstream's model. */
  said (backend: Backend, model: ModelState | undefined): void {
    const seen = this.#of(backend)
    const state = JSON.stringify(model)
    if (model === undefined || state === seen.model) return
    seen.model = state
    const { address: upstream } = backend
    const key = `model of ${upstream}`
    const { refused } = model
    if (refused !== undefined) {
      const detail = [refused.version && `version ${refused.version}`, refused.reason].filter(Boolean).join(': ')
      this.#logger.warn({ upstream, model }, 'upstream refused a model')
      raise({ key, severity: 'error', service: 'upstream', what: `${upstream} refused a model`, detail })
    } else {
      this.#logger.info({ upstream, model }, 'upstream serves a model')
      if (backend.refusesModel) raise({ key, severity: 'recovery', service: 'upstream', what: `${upstream} refuses no model any more` })
    }
    backend.refusesModel = refused !== undefined
  }

  /** Lets go of all other upstreams. Trouble that was told and is nobody's any more is over. */
  keep (backends: Set<Backend>): void {
    for (const [backend, { told }] of this.#seen) {
      if (backends.has(backend)) continue
      this.#seen.delete(backend)
      if (told) tell(backend, 'recovery', 'is no longer asked for')
    }
  }

  #isWell (backend: Backend, seen: Seen): void {
    if (seen.told) tell(backend, 'recovery', 'is back', `after ${((Date.now() - seen.since) / 1000).toFixed(1)} s`)
    seen.wasUp = true
    seen.bad = 0
    seen.told = false
  }

  #of (backend: Backend): Seen {
    let seen = this.#seen.get(backend)
    if (seen === undefined) {
      this.#seen.set(backend, seen = { wasUp: false, bad: 0, since: 0, told: false, model: undefined })
    }
    return seen
  }
}

function tell ({ address }: Backend, severity: Severity, how: string, detail?: string): void {
  raise({ key: `upstream ${address}`, severity, service: 'upstream', what: `${address} ${how}`, detail })
}
