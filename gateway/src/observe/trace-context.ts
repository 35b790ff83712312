import { randomFillSync } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request's place in a trace: W3C Trace Context, level 2. */
export interface TraceContext {
  /** 32 hexadecimal digits, the same in every service. */
  traceId: string
  /** 16 hexadecimal digits: the caller's part of the trace; none where the trace begins here. */
  parentId: string | undefined
  /** 16 hexadecimal digits: the gateway's call to the upstream, the parent of what is behind it. */
  spanId: string
  sampled: boolean
  /** The caller's word that the trace id is random (level 2, §2.2.5), passed on as it came. */
  random: boolean
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
 * @param share of the traces that no trusted caller has decided on, how many are recorded: 0 to 1
 */
export function traceContext (headers: IncomingHttpHeaders, trusted: boolean, share = 0): TraceContext {
  const spanId = randomHex(8)
  const given = headers.traceparent
  const [, version, traceId, parentId, flags, more] = (typeof given === 'string' && traceparent.exec(given)) || []
  if (traceId === undefined || flags === undefined || (version === '00' && more !== undefined)) {
    return { traceId: randomHex(16), parentId: undefined, spanId, sampled: isDrawn(spanId, share), random: false, state: undefined }
  }
  const bits = Number.parseInt(flags, 16)
  const sampled = trusted ? (bits & 1) === 1 : isDrawn(spanId, share)
  const state = typeof headers.tracestate === 'string' && tracestate.test(headers.tracestate) ? headers.tracestate : undefined
  return { traceId, parentId, spanId, sampled, random: (bits & 2) === 2, state }
}

/** Drawn by our own random digits: a client who chooses its trace id would choose one that is always recorded. */
function isDrawn (spanId: string, share: number): boolean {
  return share > 0 && Number.parseInt(spanId.slice(0, 8), 16) < share * 0x1_0000_0000
}

/** The `traceparent` header of what this gateway asks for on the request's behalf. */
export function traceparentOf ({ traceId, spanId, sampled, random }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${(sampled ? 1 : 0) + (random ? 2 : 0)}`
}

// Random digits by the page: a call for each request costs more than the request's hash table look-ups together.
const pool = Buffer.alloc(4096)
let digits = ''
let used = 0

function randomHex (bytes: number): string {
  if (used + 2 * bytes > digits.length) {
    digits = randomFillSync(pool).toString('hex')
    used = 0
  }
  used += 2 * bytes
  return digits.slice(used - 2 * bytes, used)
}
