/**
 * A request's way to an upstream and back, for its log line and its spans; an exchange's requests share one. Times are
 * `performance.now()`'s.
 */
export class Trip {
  /** Host and port of the upstream that it was last sent to. */
  upstream = ''
  sentAt = 0
  /** When the answer was there in full, or there was none to be had; 0 until then. */
  endedAt = 0
  /** To how many upstreams it was sent, one after another. */
  attempts = 0
  /** How many requests the exchange held; none for a request by itself. */
  readonly items: number | undefined

  constructor (items?: number) {
    this.items = items
  }

  sent (upstream: string): void {
    if (this.attempts++ === 0) this.sentAt = performance.now()
    this.upstream = upstream
  }

  ended (): void {
    this.endedAt = performance.now()
  }
}
