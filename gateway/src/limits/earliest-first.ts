/** Children of one node. Four lie in one cache line, and the heap is half as deep as with two. */
const FAN_OUT = 4

/**
 * Clients ordered by a time each, the earliest first: an indexed heap in typed arrays. A client's time only ever moves
 * later. All costs are logarithmic, and a client that becomes the latest, the usual case, mostly stays where it is.
 */
export class EarliestFirst {
  #size = 0
  /** In heap order. */
  readonly #times: Float64Array
  readonly #clients: Uint32Array
  /** Where each client stands in the heap. */
  readonly #places: Uint32Array

  /** @param capacity clients that fit; they are numbered from 0 in the order of `add`. */
  constructor (capacity: number) {
    this.#times = new Float64Array(capacity)
    this.#clients = new Uint32Array(capacity)
    this.#places = new Uint32Array(capacity)
  }

  get size (): number {
    return this.#size
  }

  get byteLength (): number {
    return this.#times.byteLength + this.#clients.byteLength + this.#places.byteLength
  }

  /** The earliest time; Infinity when nobody is here. */
  get earliest (): number {
    return this.#size === 0 ? Infinity : this.#times[0]!
  }

  timeOf (client: number): number {
    return this.#times[this.#places[client]!]!
  }

  /** Adds the next client and returns its number. */
  add (time: number): number {
    const client = this.#size++
    let place = client
    while (place > 0) {
      const parent = (place - 1) / FAN_OUT | 0
      if (this.#times[parent]! <= time) break
      this.#put(place, this.#clients[parent]!, this.#times[parent]!)
      place = parent
    }
    this.#put(place, client, time)
    return client
  }

  /** Moves a client's time to a later one. */
  postpone (client: number, time: number): void {
    this.#sink(this.#places[client]!, client, time)
  }

  /** Gives the number of the earliest client, which is returned, to a new one with a later time. */
  replaceEarliest (time: number): number {
    const client = this.#clients[0]!
    this.#sink(0, client, time)
    return client
  }

  #sink (place: number, client: number, time: number): void {
    const times = this.#times
    for (;;) {
      const first = place * FAN_OUT + 1
      const end = Math.min(first + FAN_OUT, this.#size)
      let child = -1
      let earliest = time
      for (let candidate = first; candidate < end; candidate++) {
        if (times[candidate]! < earliest) {
          child = candidate
          earliest = times[candidate]!
        }
      }
      if (child === -1) break
      this.#put(place, this.#clients[child]!, earliest)
      place = child
    }
    this.#put(place, client, time)
  }

  #put (place: number, client: number, time: number): void {
    this.#times[place] = time
    this.#clients[place] = client
    this.#places[client] = place
  }
}
