/**
 * The exchange: several small requests to one path in one HTTP request, framed by length and never by anything inside them,
 * so that no client's bytes can shift another's.
 */

export const exchangeType = 'application/x-exchange'

/** What is told of each request besides its body. */
export interface ExchangeItem {
  body: Buffer
  /** The request's id: letters, digits, `.`, `_` and `-`. */
  id: string
  traceparent: string
  /** The callers' own word beside it, printable ASCII. */
  tracestate?: string | undefined
  /** Who the client's verified certificate says it is. */
  identity: Record<string, string> | undefined
}

export interface ExchangeAnswer {
  status: number
  body: Buffer
}

/** Line 1: an array of what is told of each; then the bodies as they came, one after the other. */
export function encodeExchange (items: ExchangeItem[]): Buffer {
  const line = items.map(({ body, id, traceparent, tracestate, identity }) => {
    const state = tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(tracestate)}`
    const told = `{"length":${body.length},"id":"${id}","traceparent":"${traceparent}"${state}`
    return identity === undefined ? `${told}}` : `${told},"client":${JSON.stringify(identity)}}`
  }).join(',')
  return Buffer.concat([Buffer.from(`[${line}]\n`), ...items.map(({ body }) => body)])
}

const lineFeed = 10

/**
 * Takes an exchange's answer apart: line 1 an array of `[status, length]`, then the bodies.
 * @throws when it is not exactly that, for exactly so many requests: then none of it can be trusted
 */
export function decodeExchange (bytes: Buffer, count: number): ExchangeAnswer[] {
  const end = bytes.indexOf(lineFeed)
  const line: unknown = end === -1 ? undefined : JSON.parse(bytes.toString('utf8', 0, end))
  if (!Array.isArray(line) || line.length !== count) throw new Error('an exchange answered with another number of answers')
  let at = end + 1
  const answers = line.map((entry: unknown) => {
    const [status, length] = Array.isArray(entry) && entry.length === 2 ? entry as unknown[] : []
    if (!isStatus(status) || !isLength(length)) throw new Error('an exchange answered with an entry that is none')
    const body = bytes.subarray(at, at + length)
    at += length
    return { status, body }
  })
  if (at !== bytes.length) throw new Error('an exchange answered with lengths that do not add up')
  return answers
}

/** Each answer has a body, and 204 and 304 can't (RFC 9110 §6.4.1). */
function isStatus (value: unknown): value is number {
  return value !== 204 && value !== 304 && Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599
}

function isLength (value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
