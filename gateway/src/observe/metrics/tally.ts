/** Counts by a name. Whoever adds sees to it that there are few names. */
export class Tally implements Iterable<[name: string, count: number]> {
  readonly #counts: Map<string, { count: number }>

  /** @param expected told from the start: Prometheus takes a number that was never there for no rise */
  constructor (expected: Iterable<string> = []) {
    this.#counts = new Map(Array.from(expected, (name) => [name, { count: 0 }]))
  }

  add (name: string): void {
    const counted = this.#counts.get(name)
    if (counted === undefined) this.#counts.set(name, { count: 1 })
    else counted.count++
  }

  * [Symbol.iterator] (): Generator<[string, number]> {
    for (const [name, { count }] of this.#counts) yield [name, count]
  }
}
