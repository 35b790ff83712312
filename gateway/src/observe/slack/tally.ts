import type { Alert } from '../../alerts.ts'
import { merge, newsOf } from './news.ts'
import type { News } from './news.ts'

/** Alerts on their way to the worker, equal ones as one, so that a storm costs neither time nor memory. */
export class Tally {
  readonly #most: number
  #news = new Map<string, News>()

  /** @param most different ones held at a time */
  constructor (most: number) {
    this.#most = most
  }

  get isEmpty (): boolean {
    return this.#news.size === 0
  }

  /** @returns whether there was room for it */
  add (alert: Alert, now: number): boolean {
    const id = `${alert.severity} ${alert.key}`
    const known = this.#news.get(id)
    if (known === undefined && this.#news.size >= this.#most) return false
    // In the order in which they happened last: a recovery stands behind what it ends.
    this.#news.delete(id)
    this.#news.set(id, known === undefined ? newsOf(alert, now) : merge(known, newsOf(alert, now)))
    return true
  }

  take (): News[] {
    const taken = [...this.#news.values()]
    this.#news = new Map()
    return taken
  }
}
