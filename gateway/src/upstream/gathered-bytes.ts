/** Larger than all answers to the most and longest requests of an exchange; past it the upstream is lying. */
export const longestAnswer = 64 * 1024 * 1024

const smallest = 65536

/** A body that comes in pieces, copied together: many small pieces cost no more memory than one large one. */
export class GatheredBytes {
  #bytes = Buffer.allocUnsafeSlow(smallest)
  #length = 0

  /** @throws when the body becomes too long */
  add (piece: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > longestAnswer) throw new Error('an upstream answered at too great a length')
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    piece.copy(this.#bytes, this.#length, start, end)
    this.#length = length
  }

  /** A character a byte. */
  text (): string {
    return this.#bytes.toString('latin1', 0, this.#length)
  }
}
