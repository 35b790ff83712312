/** Bytes of a header section, or of all that surrounds the data of a chunked body. */
export const longestSection = 16384

const mostHeaders = 100

/** What an upstream says of its answer before the body. */
export interface AnswerHead {
  status: number
  /** Where the body ends (RFC 9112 §6.3): after so many bytes, with its last chunk, or with the connection. */
  end: number | 'last chunk' | 'connection'
  /** Milliseconds for which the connection may rest before it takes another request; 0: it takes none. */
  restsFor: number
}

const fieldLine = '[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n'

/** A header or trailer line with its end, as RFC 9112 §5 has it: not folded, no blank before the colon. */
export const fieldSyntax = new RegExp(`^${fieldLine}$`)
const headSyntax = new RegExp(`^HTTP/1\\.[01] [1-9]\\d\\d(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?\\r\\n(?:${fieldLine})*$`)

const lengthSyntax = /^[ \t]*(\d{1,15})[ \t]*$/
const chunkedSyntax = /^[ \t]*chunked[ \t]*$/i
const closeSyntax = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i
const timeoutSyntax = /(?:^|,)[ \t]*timeout[ \t]*=[ \t]*"?(\d{1,7})/i

// Where an upstream does not say how long it waits, and how much sooner than it a connection is given up: a request that meets
// its end on the way would be lost. The measures of undici, which carries all other requests.
const restUnasked = 4000
const caution = 2000
const longestRest = 600_000

/**
 * Takes the head of an answer apart.
 * @param text status line and header lines, each with its CRLF, a character a byte
 * @throws when it is not well-formed, or leaves in doubt where the body ends
 */
export function readAnswerHead (text: string): AnswerHead {
  if (!headSyntax.test(text)) throw new Error('an upstream answered with a head that is not well-formed')
  const isHttp10 = text.charCodeAt(7) === 0x30
  const status = Number(text.slice(9, 12))
  let length: number | undefined
  let isChunked = false
  let closes = isHttp10
  let restsFor = restUnasked
  let headers = 0
  for (let at = text.indexOf('\n') + 1; at < text.length;) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    if (++headers > mostHeaders) throw new Error('an upstream answered with too many headers')
    switch (nameOf(text, at, colon)) {
      case 'content-length':
        // The same length twice may be two answers' in one, to somebody before us.
        if (length !== undefined) throw new Error('an upstream answered with two lengths')
        length = lengthOf(text.slice(colon + 1, end))
        break
      case 'transfer-encoding':
        if (isChunked || isHttp10 || !chunkedSyntax.test(text.slice(colon + 1, end))) throw new Error('an upstream answered in a transfer coding that is not known')
        isChunked = true
        break
      case 'connection':
        closes ||= closeSyntax.test(text.slice(colon + 1, end))
        break
      case 'keep-alive':
        restsFor = restOf(text.slice(colon + 1, end))
    }
    at = end + 2
  }
  if (isChunked && length !== undefined) throw new Error('an upstream answered with both a length and a transfer coding')
  const hasBody = status >= 200 && status !== 204 && status !== 304
  const end = !hasBody ? 0 : isChunked ? 'last chunk' : length ?? 'connection'
  return { status, end, restsFor: closes ? 0 : restsFor }
}

/** In lower case; empty for one whose length is none of those that are looked for. */
function nameOf (text: string, at: number, colon: number): string {
  const length = colon - at
  return length === 10 || length === 14 || length === 17 ? text.slice(at, colon).toLowerCase() : ''
}

function lengthOf (value: string): number {
  const digits = lengthSyntax.exec(value)?.[1]
  if (digits === undefined) throw new Error('an upstream answered with a length that is none')
  return Number(digits)
}

function restOf (value: string): number {
  const seconds = timeoutSyntax.exec(value)?.[1]
  return seconds === undefined ? restUnasked : Math.min(Math.max(0, Number(seconds) * 1000 - caution), longestRest)
}
