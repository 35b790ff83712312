import { fieldSyntax, longestSection } from './answer-head.ts'
import type { GatheredBytes } from './gathered-bytes.ts'

// RFC 9112 §7.1: a size in hexadecimal digits, and extensions, which are for others. No blanks between: llhttp takes none.
const token = '[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+'
const quoted = '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"'
const sizeSyntax = new RegExp(`^([0-9a-f]{1,8})((?:;${token}(?:=(?:${token}|${quoted}))?)*)\\r\\n$`, 'i')

const lineFeed = 10

/** Takes a body in chunks apart as it comes. */
export class ChunkedBody {
  /** What is due: a chunk's size, its data, the line end behind them, or a trailer line. */
  #due: 'size' | 'data' | 'end of data' | 'trailer' = 'size'
  #line = ''
  /** Bytes of the present chunk's data that are still to come. */
  #missing = 0
  /** Bytes of extensions and trailers so far. */
  #surroundings = 0

  /**
   * @param into gets the data
   * @returns where in `bytes` the body has ended; -1: not yet
   * @throws when they are no chunks
   */
  read (bytes: Buffer, from: number, into: GatheredBytes): number {
    let at = from
    while (at < bytes.length) {
      if (this.#due === 'data') {
        const end = Math.min(bytes.length, at + this.#missing)
        into.add(bytes, at, end)
        this.#missing -= end - at
        at = end
        if (this.#missing === 0) this.#due = 'end of data'
      } else {
        const found = bytes.indexOf(lineFeed, at)
        const end = found === -1 ? bytes.length : found + 1
        this.#line += bytes.toString('latin1', at, end)
        if (this.#line.length > longestSection) throw new Error('an upstream answered with chunks in too much of their own')
        at = end
        if (found !== -1 && this.#isLast()) return at
      }
    }
    return -1
  }

  /** Takes a whole line; whether it is the body's last. */
  #isLast (): boolean {
    const line = this.#line
    this.#line = ''
    if (this.#due === 'trailer') {
      if (line === '\r\n') return true
      if (!fieldSyntax.test(line)) throw new Error('an upstream answered with a trailer that is none')
      this.#surround(line.length)
    } else if (this.#due === 'size') {
      this.#begin(line)
    } else if (line === '\r\n') {
      this.#due = 'size'
    } else {
      throw new Error('an upstream answered with a chunk that is longer than its size')
    }
    return false
  }

  #begin (line: string): void {
    const match = sizeSyntax.exec(line)
    if (match === null) throw new Error('an upstream answered with a chunk whose size is none')
    this.#surround(match[2]!.length)
    this.#missing = parseInt(match[1]!, 16)
    this.#due = this.#missing === 0 ? 'trailer' : 'data'
  }

  #surround (bytes: number): void {
    this.#surroundings += bytes
    if (this.#surroundings > longestSection) throw new Error('an upstream answered with chunks in too much of their own')
  }
}
