import { ROOT_CONTEXT, TraceFlags, createTraceState, trace } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'

// W3C Trace Context, 3.2: version ff is none; version 00 ends with the flags, later ones may go on after another dash.
const syntax = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * The caller's span, as the parent of ours, if the caller records it. Whether a trace is recorded is for the gateway to say,
 * which knows whom it trusts.
 */
export function recordedParent (traceparent: unknown, tracestate: unknown): Context | undefined {
  const [, version, traceId, spanId, flags, more] = (typeof traceparent === 'string' && syntax.exec(traceparent)) || []
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== undefined)) return undefined
  if ((Number.parseInt(flags!, 16) & 1) === 0) return undefined
  const state = typeof tracestate === 'string' ? { traceState: createTraceState(tracestate) } : {}
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true, ...state })
}
