/**
 * HalfSipHash-1-3 with a 64-bit result over a string's UTF-16LE bytes (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012, in the reference implementation's 32-bit variant; with these rounds it is what Linux keys its
 * hash tables with, Documentation/security/siphash.rst).
 *
 * Keyed, because clients choose their addresses: with a known hash they could pile up in one place of a table, or pick
 * an address that counts as somebody else's. 64 bits: among a million clients two share a hash with probability 3·10⁻⁸.
 */
export class KeyedHash {
  /** The lower and the higher 32 bits of the last result, signed; fields, so that hashing allocates nothing. */
  low = 0
  high = 0

  readonly #key0: number
  readonly #key1: number

  /** @param secret 8 bytes that nobody outside the process knows. */
  constructor (secret: Uint8Array) {
    const view = new DataView(secret.buffer, secret.byteOffset, 8)
    this.#key0 = view.getInt32(0, true)
    this.#key1 = view.getInt32(4, true)
  }

  /** Leaves the hash of `text` in `low` and `high`. */
  of (text: string): void {
    let a = this.#key0
    let b = this.#key1 ^ 0xee
    let c = this.#key0 ^ 0x6c796765
    let d = this.#key1 ^ 0x74656462

    // A round for each pair of code units and for the tail, then three for each half of the result.
    const tail = text.length >> 1
    for (let round = 0; round < tail + 7; round++) {
      const word = round < tail ? pairAt(text, round) : round === tail ? tailOf(text) : 0
      if (round === tail + 1) c ^= 0xee
      if (round === tail + 4) {
        this.low = b ^ d
        b ^= 0xdd
      }
      d ^= word
      a = a + b | 0
      b = rotate(b, 5) ^ a
      a = rotate(a, 16)
      c = c + d | 0
      d = rotate(d, 8) ^ c
      a = a + d | 0
      d = rotate(d, 7) ^ a
      c = c + b | 0
      b = rotate(b, 13) ^ c
      c = rotate(c, 16)
      a ^= word
    }
    this.high = b ^ d
  }
}

const pairAt = (text: string, pair: number): number =>
  text.charCodeAt(2 * pair) | text.charCodeAt(2 * pair + 1) << 16

/** The last code unit of an odd number of them, and in the top byte the length in bytes, modulo 256. */
const tailOf = (text: string): number =>
  (text.length % 2 === 1 ? text.charCodeAt(text.length - 1) : 0) | text.length << 25

const rotate = (word: number, bits: number): number => word << bits | word >>> 32 - bits
