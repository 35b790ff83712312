import { hostName } from '../hygiene.ts'

/** What is needed of a request's head; header names as Node has them, so that the same functions can read them. */
export interface Head {
  target: string
  /** Where the body begins. */
  end: number
  host: string
  'content-length': number
  'content-type': string
  accept?: string
  connection?: string
  traceparent?: string
  tracestate?: string
  'x-forwarded-for'?: string
  'x-request-id'?: string
}

type Name = Exclude<keyof Head, 'target' | 'end'>

/** Headers that change nothing, each at most once; with any other the request takes the usual way. */
const names = [
  'host', 'content-length', 'content-type', 'accept', 'connection', 'traceparent', 'tracestate', 'x-forwarded-for', 'x-request-id',
  'accept-encoding', 'accept-language', 'dnt', 'keep-alive', 'origin', 'priority', 'referer', 'user-agent',
  'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip'
] as const

const bits = new Map<string, number>(names.map((name, index) => [name, 1 << index]))
const wanted = new Map<string, Name>(names.slice(0, 9).map((name) => [name, name as Name]))
const required = bits.get('host')! | bits.get('content-length')! | bits.get('content-type')!

const begin = 'POST '
const version = ' HTTP/1.1'
const digits = /^[1-9]\d{0,4}$/
const space = 0x20

// Visible ASCII and spaces between CRs that stand before LFs: what every reader takes for the same lines.
const clearLines = /^(?:[\x20-\x7e]+\r\n)+$/
// What browsers say of themselves and of the page (Fetch Metadata, Client Hints).
const ofBrowsers = /^sec-[a-z0-9-]+$/
const mostOfBrowsers = 32

/**
 * Reads the head of an HTTP/1.1 POST whose answer depends on nothing but its body, in one pass. It takes a small part of what
 * RFC 9112 allows, and that part only one way: whatever else comes is for Node's parser to read, or to refuse.
 * @param text the bytes that came on a connection since the last request, one character a byte
 * @param longestHead in bytes
 * @returns nothing when there is any doubt: a head that is not whole, a byte that is no visible ASCII, an unknown header, one
 *   that is there twice, many of browsers', a host that is none
 */
export function readHead (text: string, longestHead: number, longestBody: number): Head | undefined {
  if (!text.startsWith(begin)) return undefined
  const end = text.indexOf('\r\n\r\n') + 2
  if (end === 1 || end > longestHead || !clearLines.test(text.slice(0, end))) return undefined
  let at = text.indexOf('\r\n')
  const targetEnd = at - version.length
  if (targetEnd <= begin.length || !text.startsWith(version, targetEnd)) return undefined
  const target = text.slice(begin.length, targetEnd)
  if (target.includes(' ')) return undefined
  const head: Partial<Record<Name, string>> = {}
  let seen = 0
  let others = 0
  for (at += 2; at < end;) {
    const stop = text.indexOf('\r\n', at)
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon > stop) return undefined
    const given = text.slice(at, colon)
    let bit = bits.get(given)
    const name = bit === undefined ? given.toLowerCase() : given
    bit ??= bits.get(name)
    if (bit !== undefined) {
      if ((seen & bit) !== 0) return undefined
      seen |= bit
      const key = wanted.get(name)
      if (key !== undefined) head[key] = valueOf(text, colon + 1, stop)
    } else if (!ofBrowsers.test(name) || ++others > mostOfBrowsers) {
      return undefined
    }
    at = stop + 2
  }
  if ((seen & required) !== required || !digits.test(head['content-length']!) || hostName(head.host) === undefined) return undefined
  const length = Number(head['content-length'])
  return length > longestBody ? undefined : { ...head, target, end: end + 2, 'content-length': length } as Head
}

/** Without the spaces around it (RFC 9112 §5). */
function valueOf (text: string, start: number, stop: number): string {
  while (start < stop && text.charCodeAt(start) === space) start++
  while (stop > start && text.charCodeAt(stop - 1) === space) stop--
  return text.slice(start, stop)
}
