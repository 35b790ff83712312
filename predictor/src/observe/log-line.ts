import { pino } from 'pino'
import type { Logger } from 'pino'
import type { FastifyBaseLogger } from 'fastify'

/** Where a logger's lines go, and what some destinations want to know of each. */
interface Destination {
  write: (line: string) => void
  lastLevel?: number
  lastObj?: object
  lastMsg?: string
  lastTime?: string
  lastLogger?: unknown
}

/** What pino shows of its inside to those who write lines in its place. */
type Inside = Record<symbol, unknown>
const { streamSym, timeSym, chindingsSym, needsMetadataGsym } = pino.symbols as Record<'streamSym' | 'timeSym' | 'chindingsSym' | 'needsMetadataGsym', symbol>

/** Where lines of one message go that are joined by hand: a third of what pino's own way through an object costs (measured). */
export class LineWriter {
  readonly #logger: Logger
  readonly #message: string
  readonly #destination: Destination
  readonly #wantsMetadata: boolean
  readonly #time: () => string
  /** The logger's own members, the same in every line. */
  readonly #bindings: string

  constructor (logger: FastifyBaseLogger, message: string) {
    const inside = logger as unknown as Inside
    this.#logger = logger as Logger
    this.#message = message
    this.#destination = inside[streamSym] as Destination
    this.#wantsMetadata = (this.#destination as unknown as Inside)[needsMetadataGsym] === true
    this.#time = inside[timeSym] as () => string
    this.#bindings = inside[chindingsSym] as string
  }

  /** Whether lines of this level are wanted now. */
  wants (level: 'info' | 'debug'): boolean {
    return this.#logger.isLevelEnabled(level)
  }

  /** @param fields JSON members, each with a comma before it */
  write (level: 'info' | 'debug', fields: string): void {
    const number = level === 'info' ? 30 : 20
    const time = this.#time()
    if (this.#wantsMetadata) {
      const destination = this.#destination
      destination.lastLevel = number
      destination.lastObj = nothing
      destination.lastMsg = this.#message
      destination.lastTime = time.slice(timeStart)
      destination.lastLogger = this.#logger
    }
    this.#destination.write(`{"level":${number}${time}${this.#bindings}${fields},"msg":"${this.#message}"}\n`)
  }
}

const nothing = {}
const timeStart = ',"time":'.length

// Nothing in it that JSON would escape, nor U+2028 and its like, which some readers take for ends of lines.
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** What one field may take of a line: a request's head has room for 16 KiB of path. */
const longest = 1024

/** A text of a client's as a JSON string; cut when it is long. */
export function quoted (text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text
  if (plain.test(short)) return `"${short}"`
  // Which JSON leaves as they are.
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
