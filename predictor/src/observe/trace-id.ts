// W3C Trace Context, 3.2.2: version, trace id, parent id, flags; an id of zeros is none.
const traceparent = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/

/** The trace that a `traceparent` names, if it is one. */
export function traceIdOf (given: unknown): string | undefined {
  return typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined
}
