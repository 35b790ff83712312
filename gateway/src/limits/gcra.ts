/** How fast one client may send, and how much at once. */
export interface RateLimit {
  /** Requests a second in the long run; fractions are allowed (0.5: one request every two seconds). */
  requestsPerSecond: number
  /** Requests that may come at the same moment after a rest; a whole number, at least 1. */
  burst: number
}

/** What becomes of one request. */
export interface Decision {
  admitted: boolean
  /** Whole requests that would be admitted right after this one. */
  remaining: number
  /** Milliseconds: after an admission until the whole burst is back, after a refusal until a request is admitted. */
  ttlMs: number
}

/**
 * Milliseconds by which sums of floating-point times may be off; a process that runs for a year keeps 4 ns of each.
 * Without the tolerance the last request of a burst, or one that comes exactly on time, could be refused for that.
 */
const TOLERANCE_MS = 0.01

/**
 * The generic cell rate algorithm in its virtual-scheduling form (ITU-T I.371 annex A; ATM Forum TM 4.0 §4.4.2): a
 * leaky bucket whose whole state is one *theoretical arrival time*, at which the client's allowance is full again.
 *
 * The backlog is how far that moment lies ahead. A request adds one emission interval to it and is admitted when the
 * result is at most `burst` intervals. Over any time `t` that admits at most `burst + requestsPerSecond · t` requests.
 * A refusal changes nothing: whoever keeps knocking is not punished, nor does it help.
 *
 * @throws RangeError for a rate that is not positive and finite, or a burst that is not a positive whole number.
 */
export class Gcra {
  readonly burst: number
  /** Milliseconds that one request uses up. */
  readonly intervalMs: number
  /** Milliseconds in which a spent allowance is full again. */
  readonly capacityMs: number
  /** The highest backlog, in milliseconds, with which a client's next request is still admitted. */
  readonly highestBacklogMs: number

  readonly #toleranceMs: number

  constructor ({ requestsPerSecond, burst }: RateLimit) {
    if (!(Number.isSafeInteger(burst) && burst >= 1)) {
      throw new RangeError(`the burst must be a whole number of requests, at least 1, not ${burst}`)
    }
    if (!(requestsPerSecond > 0 && requestsPerSecond < Infinity && 1000 / requestsPerSecond * burst < Infinity)) {
      throw new RangeError(`the rate must be a positive number of requests a second, not ${requestsPerSecond}`)
    }
    this.burst = burst
    this.intervalMs = 1000 / requestsPerSecond
    this.capacityMs = burst * this.intervalMs
    this.#toleranceMs = Math.min(TOLERANCE_MS, this.intervalMs / 1000)
    this.highestBacklogMs = this.capacityMs - this.intervalMs + this.#toleranceMs
  }

  /** The decision on an admitted request; `backlogMs` counts it. */
  admission (backlogMs: number): Decision {
    const free = (this.capacityMs - backlogMs + this.#toleranceMs) / this.intervalMs
    return { admitted: true, remaining: Math.max(0, Math.floor(free)), ttlMs: backlogMs }
  }

  /** The decision on a refused request; `backlogMs` does not count it. */
  refusal (backlogMs: number): Decision {
    return { admitted: false, remaining: 0, ttlMs: backlogMs + this.intervalMs - this.capacityMs }
  }
}
