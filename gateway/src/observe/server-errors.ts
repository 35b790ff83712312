import { raise } from '../alerts.ts'

/** So many answers of one kind within so many milliseconds are a burst; it is over when none has come for as long. */
const burst = 10
const within = 10_000
/** How often what else comes of a burst is told. */
const pace = 1000
const idsTold = 5

/** Answers of one kind. */
interface Kind {
  status: number
  code: string | undefined
  bursting: boolean
  /** Those that have not been told: all of a burst; otherwise the last few, which may become one. */
  count: number
  times: number[]
  ids: string[]
  last: number
}

/**
 * Raises an alert when many requests within a short time are answered with a 5xx, and when that is over. A single one may be
 * bad luck, and has its line in the log. Costs next to nothing for each such answer, and nothing for any other.
 */
export class ServerErrors {
  /** By code, else by status: the gateway's few, the upstream's hundred. */
  readonly #kinds = new Map<string, Kind>()
  #timer: NodeJS.Timeout | undefined

  /** @param status at least 500 */
  answered (status: number, code: string | undefined, requestId: string): void {
    // Every one of these is logged as an error, and told as that.
    if (code === 'INTERNAL') return
    const now = Date.now()
    const key = code ?? String(status)
    let kind = this.#kinds.get(key)
    if (kind === undefined) this.#kinds.set(key, kind = { status, code, bursting: false, count: 0, times: [], ids: [], last: now })
    kind.last = now
    kind.count++
    if (kind.times.length < burst) {
      kind.times.push(now)
      kind.ids.push(requestId)
    } else if (!kind.bursting) {
      kind.times = [...kind.times.slice(1), now]
      kind.ids = [...kind.ids.slice(1), requestId]
      kind.count = burst
    }
    if (kind.bursting || kind.count < burst || now - kind.times[0]! > within) return
    kind.bursting = true
    tell(kind)
    this.#timer ??= setInterval(() => this.#look(), pace).unref()
  }

  /** Tells what has not been told of bursts; to be called at the very end. */
  tellRest (): void {
    for (const kind of this.#kinds.values()) if (kind.bursting && kind.count > 0) tell(kind)
  }

  #look (): void {
    const now = Date.now()
    let bursting = 0
    for (const kind of this.#kinds.values()) {
      if (!kind.bursting) continue
      if (kind.count > 0) tell(kind)
      else if (now - kind.last > within) over(kind)
      if (kind.bursting) bursting++
    }
    if (bursting > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Those of this process: all its ports together. */
export const serverErrors = new ServerErrors()

function tell (kind: Kind): void {
  const { status, code, count, times: [first], ids } = kind
  raise({
    key: `answers ${code ?? status}`,
    severity: 'error',
    service: 'gateway',
    what: `many requests answered with ${status}`,
    code,
    count,
    first,
    requestIds: ids.slice(0, idsTold)
  })
  kind.count = 0
  kind.times = []
  kind.ids = []
}

function over (kind: Kind): void {
  const { status, code } = kind
  kind.bursting = false
  raise({ key: `answers ${code ?? status}`, severity: 'recovery', service: 'gateway', what: `no more requests answered with ${status}`, code })
}
