import { STATUS_CODES } from 'node:http'
import type { Decision } from '../limits/gcra.ts'

/** All that an answer of the fast path consists of. */
export interface FastAnswer {
  status: number
  /** One character a byte. */
  body: string
  id: string
  /** The security headers, as lines. */
  constant: string
  /** Seconds that an idle connection is kept. */
  keepAlive: number
  /** None where requests are not limited. */
  limit: { burst: number, decision: Decision } | undefined
  /** Seconds. */
  retryAfter: number | undefined
  /** Whether the connection ends with it. */
  isLast: boolean
}

/** An answer as it goes over the connection, with the headers that the usual way gives it. */
export function answerText ({ status, body, id, constant, keepAlive, limit, retryAfter, isLast }: FastAnswer): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${constant}x-request-id: ${id}\r\n` +
    `content-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n`
  if (limit !== undefined) {
    const { burst, decision: { remaining, ttlMs } } = limit
    text += `ratelimit-limit: ${burst}\r\nratelimit-remaining: ${remaining}\r\nratelimit-reset: ${Math.ceil(ttlMs / 1000)}\r\n`
  }
  if (retryAfter !== undefined) text += `retry-after: ${retryAfter}\r\n`
  text += isLast ? `connection: close\r\nDate: ${date()}` : `Date: ${date()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${keepAlive}`
  return `${text}\r\n\r\n${body}`
}

/** Header lines of their names and values. */
export function headerLines (headers: Record<string, string>): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

let second = 0
let written = ''

/** The Date header's value, which is made once a second. */
function date (): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    written = new Date(now * 1000).toUTCString()
  }
  return written
}
