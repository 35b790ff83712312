import type { ServerResponse } from 'node:http'
import type { Decision } from '../limits/gcra.ts'

/** All that an answer of the fast path consists of. */
export interface FastAnswer {
  status: number
  /** One character a byte. */
  text: string
  id: string
  /** The security headers, names and values by turns. */
  constant: readonly string[]
  /** None where requests are not limited. */
  limit: { burst: number, decision: Decision } | undefined
  /** Seconds. */
  retryAfter: number | undefined
  /** Whether the connection ends with it. */
  isLast: boolean
}

/** Writes an answer in one go, with the headers that the usual way gives it. */
export function writeAnswer (response: ServerResponse, { status, text, id, constant, limit, retryAfter, isLast }: FastAnswer): void {
  const headers: (string | number)[] = [
    ...constant, 'x-request-id', id, 'content-type', 'application/json; charset=utf-8', 'content-length', text.length
  ]
  if (limit !== undefined) {
    const { burst, decision: { remaining, ttlMs } } = limit
    headers.push('ratelimit-limit', burst, 'ratelimit-remaining', remaining, 'ratelimit-reset', Math.ceil(ttlMs / 1000))
  }
  if (retryAfter !== undefined) headers.push('retry-after', retryAfter)
  if (isLast) headers.push('connection', 'close')
  // Numbers too are values of headers; the types know them in objects alone.
  response.writeHead(status, headers as string[])
  response.end(text, 'latin1')
}
