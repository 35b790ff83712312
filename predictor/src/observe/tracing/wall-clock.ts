// How far the system's clock may be from ours before ours is set: it is slewed a little all the time.
const tolerance = 3

/**
 * The system's clock at moments of `performance.now()`. The SDK's own reckoning takes the system's clock anew for each span, in
 * whole milliseconds: a span could begin before its parent.
 */
export class WallClock {
  #offset = performance.timeOrigin

  /** Looks whether the clocks still agree: the system's may have been set, or this process suspended. */
  check (): void {
    const difference = Date.now() - this.at(performance.now())
    if (Math.abs(difference) > tolerance) this.#offset += difference
  }

  /** @returns milliseconds since the epoch */
  at (moment: number): number {
    return this.#offset + moment
  }
}
