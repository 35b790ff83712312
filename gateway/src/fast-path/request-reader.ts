import { hostName } from '../hygiene.ts'
import { acceptsJson, isJson } from '../upstream/coalesce.ts'
import type { Coalescer } from '../upstream/coalescer.ts'
import { readHead } from './head.ts'
import type { Head } from './head.ts'
import type { FastLane } from './lane.ts'

/** A request that may take the fast path, as far as its head tells. */
export interface FastHead {
  head: Head
  coalescer: Coalescer
  /** Whether the client wants its connection to end. */
  isLast: boolean
}

/** A longer request is not worth the memory, a connection each. */
const longestRemembered = 4096

const keptOrClosed = /^(?:keep-alive|close)$/i

/**
 * Reads the requests of one connection. A client says nearly the same in each of its requests: a head that is the last one's, byte
 * for byte, means what that meant (a tenth of a request's cost, measured).
 */
export class RequestReader {
  readonly #lane: FastLane
  #lastText = ''
  #last: FastHead | undefined

  constructor (lane: FastLane) {
    this.#lane = lane
  }

  /**
   * @param text the bytes that came since the last request, a character a byte
   * @returns nothing when they begin with anything else than such a request's whole head
   */
  read (text: string): FastHead | undefined {
    const isKnown = this.#last !== undefined && text.startsWith(this.#lastText)
    const read = isKnown ? this.#last : this.#judge(text)
    if (!isKnown) this.#remember(text, read)
    return read?.coalescer.isSpoken && !this.#lane.isDraining() ? read : undefined
  }

  #remember (text: string, read: FastHead | undefined): void {
    this.#last = text.length > longestRemembered ? undefined : read
    this.#lastText = this.#last === undefined ? '' : text.slice(0, this.#last.head.end)
  }

  #judge (text: string): FastHead | undefined {
    const { longest, coalescers, hosts } = this.#lane
    const head = readHead(text, longest.head, longest.body)
    const coalescer = head && coalescers.get(head.target)
    if (coalescer === undefined) return undefined
    const { accept, connection, host, 'content-type': contentType } = head!
    const isFit = isJson(contentType) && (accept === undefined || acceptsJson(accept)) &&
      (connection === undefined || keptOrClosed.test(connection)) &&
      (hosts.length === 0 || hosts.includes(hostName(host)!))
    return isFit ? { head: head!, coalescer, isLast: connection?.toLowerCase() === 'close' } : undefined
  }
}
