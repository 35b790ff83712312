/**
 * The numbers of a histogram, kept as numbers: an observation costs a few comparisons. prom-client's own hashes the labels at
 * each of them.
 */
export class Distribution {
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[]
  /** Observations in each bucket alone; the last one's are past all bounds. */
  readonly counts: number[]
  sum = 0

  constructor (bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe (value: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++
    this.counts[bucket]!++
    this.sum += value
  }
}

/** Seconds: OpenTelemetry's bounds for HTTP durations, and three below, since most answers here take a few milliseconds. */
export const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
