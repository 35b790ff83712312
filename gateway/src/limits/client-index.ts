/**
 * From a client's 64-bit hash to its number: open addressing with linear probing in typed arrays. Deletion shifts the
 * followers back instead of leaving tombstones (Knuth, TAOCP 3, §6.4, algorithm R), so that probes stay as short after
 * a flood as before it.
 */
export class ClientIndex {
  /** A client's number plus one, at or after the slot its hash says; 0 is empty. At most half are taken. */
  readonly #slots: Uint32Array
  readonly #mask: number
  /** Lower and higher half of each client's hash, signed, by its number. */
  readonly #hashes: Int32Array

  /** @param capacity clients that fit; their numbers are below it. */
  constructor (capacity: number) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * capacity)))
    this.#mask = this.#slots.length - 1
    this.#hashes = new Int32Array(2 * capacity)
  }

  get byteLength (): number {
    return this.#slots.byteLength + this.#hashes.byteLength
  }

  /** The client with this hash, or -1. */
  find (low: number, high: number): number {
    for (let slot = low & this.#mask; ; slot = slot + 1 & this.#mask) {
      const client = this.#slots[slot]! - 1
      if (client === -1) return -1
      if (this.#hashes[2 * client] === low && this.#hashes[2 * client + 1] === high) return client
    }
  }

  /** Enters a client that is not here yet. */
  add (client: number, low: number, high: number): void {
    this.#hashes[2 * client] = low
    this.#hashes[2 * client + 1] = high
    let slot = low & this.#mask
    while (this.#slots[slot] !== 0) slot = slot + 1 & this.#mask
    this.#slots[slot] = client + 1
  }

  /** Takes out a client that is here. */
  remove (client: number): void {
    const slots = this.#slots
    let hole = this.#home(client)
    while (slots[hole] !== client + 1) hole = hole + 1 & this.#mask
    for (let slot = hole + 1 & this.#mask; slots[slot] !== 0; slot = slot + 1 & this.#mask) {
      const toHome = slot - this.#home(slots[slot]! - 1) & this.#mask
      const toHole = slot - hole & this.#mask
      if (toHome < toHole) continue // it would land before its home, where no probe looks for it
      slots[hole] = slots[slot]!
      hole = slot
    }
    slots[hole] = 0
  }

  #home (client: number): number {
    return this.#hashes[2 * client]! & this.#mask
  }
}
