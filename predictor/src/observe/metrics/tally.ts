/** Counts by a name. Whoever adds sees to it that there are few names. */
export class Tally implements Iterable<[name: string, count: number]> {
  readonly #counts = new Map<string, { count: number }>()

  /** @param expected see `expect` */
  constructor (expected: Iterable<string> = []) {
    this.expect(expected)
  }

  /** These are told from now on, with 0 at first: Prometheus takes a number that was never there for no rise. */
  expect (names: Iterable<string>): void {
    for (const name of names) if (!this.#counts.has(name)) this.#counts.set(name, { count: 0 })
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
