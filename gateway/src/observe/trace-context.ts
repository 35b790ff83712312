import { randomFillSync } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request's place in a trace: W3C Trace Context, level 2. */
export interface TraceContext {
  /** 32 hexadecimal digits, the same in every service. */
  traceId: string
  /** 16 hexadecimal digits: this gateway's part of the trace, the parent of what is behind it. */
  spanId: string
  sampled: boolean
  /** The callers' own `tracestate`, passed on as it came. */
  state: string | undefined
}

// §3.2: version ff is none; version 00 ends with the flags, later ones may go on after another dash.
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
// §3.3.1.3: at most 32 members in 512 characters; more would only serve to fill logs.
const tracestate = /^[\x20-\x7e\t]{1,512}$/

/**
 * The context that a request's headers give, with a new span for this gateway; a new trace when they give none or a
 * broken one. Who is not trusted may join a trace but not have it recorded: recording costs money.
 */
export function traceContext (headers: IncomingHttpHeaders, trusted: boolean): TraceContext {
  const spanId = randomHex(8)
  const given = headers.traceparent
  const [, version, traceId, , flags, more] = (typeof given === 'string' && traceparent.exec(given)) || []
  if (traceId === undefined || flags === undefined || (version === '00' && more !== undefined)) {
    return { traceId: randomHex(16), spanId, sampled: false, state: undefined }
  }
  const state = typeof headers.tracestate === 'string' && tracestate.test(headers.tracestate) ? headers.tracestate : undefined
  return { traceId, spanId, sampled: trusted && (Number.parseInt(flags, 16) & 1) === 1, state }
}

/** The `traceparent` header of what this gateway asks for on the request's behalf. */
export function traceparentOf ({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

// Random bytes by the page: a call for each request costs more than the request's hash table look-ups together.
const pool = Buffer.alloc(4096)
let used = pool.length

function randomHex (bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}
