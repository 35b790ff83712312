import { longestSection, readAnswerHead } from './answer-head.ts'
import type { AnswerHead } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'
import { GatheredBytes, longestAnswer } from './gathered-bytes.ts'

const interimMax = 10

/** The end of one line and no beginning of another, or the other way round. */
const bareLineEnd = /[^\r]\n|\r[^\n]/
const opening = 'HTTP/1.'

/**
 * Reads the answer to one POST as it comes (RFC 9112), in whatever pieces. What is not well-formed, or ends in doubt, is refused.
 * The usual answer, one piece with a Content-Length, becomes text once and is never copied.
 */
export class AnswerReader {
  /** 0 until the head is there. */
  status = 0
  /** A character a byte; when the answer is whole. */
  body = ''
  /** Milliseconds for which the connection may rest; 0: it must not be used again. */
  restsFor = 0
  /** What there is of a head. */
  #start = ''
  #interim = 0
  #end: AnswerHead['end'] = 0
  #gathered: GatheredBytes | undefined
  /** Bytes to come, where that is known. */
  #missing = 0
  #chunks: ChunkedBody | undefined

  /** Forgets the last answer. */
  reset (): void {
    this.status = 0
    this.body = ''
    this.#start = ''
    this.#interim = 0
    this.#gathered = this.#chunks = undefined
  }

  /**
   * @param bytes the next; not looked at any more afterwards
   * @returns whether the answer is whole
   * @throws when it is none, or too long
   */
  read (bytes: Buffer): boolean {
    if (this.status !== 0) return this.#readBody(bytes, 0)
    const text = this.#start === '' ? bytes.toString('latin1') : this.#start + bytes.toString('latin1')
    let at = 0
    for (;;) {
      const end = text.indexOf('\r\n\r\n', at)
      if ((end === -1 ? text.length : end) - at > longestSection) throw new Error('an upstream answered with too long a head')
      if (end === -1) return this.#keepStart(text.slice(at))
      const head = readAnswerHead(text.slice(at, end + 2))
      at = end + 4
      if (head.status >= 200) return this.#begin(head, text, at, bytes)
      if (head.status === 101 || ++this.#interim > interimMax) throw new Error(`an upstream answered with status ${head.status}`)
    }
  }

  /** The connection has ended. @returns whether the answer is whole by that */
  finish (): boolean {
    if (this.status === 0 || this.#end !== 'connection') return false
    this.body = this.#gathered?.text() ?? ''
    return true
  }

  #keepStart (text: string): false {
    if (!opening.startsWith(text.slice(0, opening.length)) || bareLineEnd.test(text)) {
      throw new Error('an upstream answered with something else than HTTP')
    }
    this.#start = text
    return false
  }

  #begin ({ status, end, restsFor }: AnswerHead, text: string, at: number, bytes: Buffer): boolean {
    this.status = status
    this.restsFor = restsFor
    this.#end = end
    const there = text.length - at
    if (typeof end === 'number') {
      if (end > longestAnswer) throw new Error('an upstream answered at too great a length')
      if (there >= end) {
        this.body = text.slice(at, at + end)
        this.#isOver(there === end)
        return true
      }
      this.#missing = end
    } else if (end === 'last chunk') {
      this.#chunks = new ChunkedBody()
    }
    return this.#readBody(bytes, bytes.length - there)
  }

  #readBody (bytes: Buffer, from: number): boolean {
    if (from === bytes.length) return false
    const gathered = this.#gathered ??= new GatheredBytes()
    let end: number
    if (this.#chunks !== undefined) {
      end = this.#chunks.read(bytes, from, gathered)
      if (end === -1) return false
    } else {
      end = this.#end === 'connection' ? bytes.length : Math.min(bytes.length, from + this.#missing)
      gathered.add(bytes, from, end)
      this.#missing -= end - from
      if (this.#end === 'connection' || this.#missing > 0) return false
    }
    this.body = gathered.text()
    this.#gathered = undefined
    this.#isOver(end === bytes.length)
    return true
  }

  /** @param isLast whether no bytes follow: they would belong to nobody */
  #isOver (isLast: boolean): void {
    if (!isLast) this.restsFor = 0
  }
}
