import { hostName, mostHeaders } from '../hygiene.ts'

/** What is needed of a request's headers; the names as Node has them, so that the same functions can read them. */
export interface Head {
  host: string
  'content-length': number
  'content-type': string
  accept?: string
  traceparent?: string
  tracestate?: string
  'x-forwarded-for'?: string
  'x-request-id'?: string
}

/** Headers that change nothing, each at most once; with any other the request takes the usual way. */
const names = [
  'host', 'content-length', 'content-type', 'accept', 'traceparent', 'tracestate', 'x-forwarded-for', 'x-request-id',
  'accept-encoding', 'accept-language', 'connection', 'dnt', 'keep-alive', 'origin', 'priority', 'referer', 'user-agent',
  'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip'
] as const

const bits = new Map<string, number>(names.map((name, index) => [name, 1 << index]))
const wanted = new Map<string, keyof Head>(names.slice(0, 8).map((name) => [name, name as keyof Head]))
const required = bits.get('host')! | bits.get('content-length')! | bits.get('content-type')!

const digits = /^[1-9]\d{0,4}$/

/**
 * Reads the headers of a request whose answer depends on nothing but its body, in one pass.
 * @param rawHeaders names and values by turns, as they came
 * @returns nothing when there is any doubt: an unknown header, one that is there twice, a host that is none
 */
export function readHead (rawHeaders: string[], longestBody: number): Head | undefined {
  if (rawHeaders.length > 2 * mostHeaders) return undefined
  const head: Partial<Record<keyof Head, string>> = {}
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index]!
    let name = given
    let bit = bits.get(name)
    if (bit === undefined) {
      name = given.toLowerCase()
      bit = bits.get(name)
      if (bit === undefined) {
        // What browsers say of themselves and of the page (Fetch Metadata).
        if (name.startsWith('sec-')) continue
        return undefined
      }
    }
    if ((seen & bit) !== 0) return undefined
    seen |= bit
    const key = wanted.get(name)
    if (key !== undefined) head[key] = rawHeaders[index + 1]!
  }
  if ((seen & required) !== required || !digits.test(head['content-length']!) || hostName(head.host) === undefined) return undefined
  const length = Number(head['content-length'])
  return length > longestBody ? undefined : { ...head, 'content-length': length } as Head
}
