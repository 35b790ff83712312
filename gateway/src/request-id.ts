import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const valid = /^[A-Za-z0-9._-]{1,128}$/

// Unique without a random number a request: the process' own prefix, then a count.
const prefix = randomBytes(8).toString('hex')
let count = 0

/** A new request id, unique among all processes. */
export function newRequestId (): string {
  count = (count + 1) % Number.MAX_SAFE_INTEGER
  return `${prefix}-${count.toString(36)}`
}

/** The id a request goes by: its own `x-request-id` when that is a valid one, else a new one. */
export function requestId (request: { headers: IncomingHttpHeaders }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && valid.test(given) ? given : newRequestId()
}
