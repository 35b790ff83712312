import type { LoggedReply, LoggedRequest, RequestParts } from './access-log.ts'
import { quoted } from './log-line.ts'
import { traceIdOf } from './trace-id.ts'

/** As Nginx has it: nobody was there any more to be answered. */
export const clientLeft = 499

/** Whether the client had gone before the answer began, or before its request was whole: what was then said nobody heard. */
export function hasLeft ({ raw, request }: LoggedReply): boolean {
  return !raw.headersSent || (request.raw.aborted && !request.raw.complete)
}

/** What the access log found out already; `ms` from the request's headers to now. */
interface Outcome { readonly route: string, readonly status: number, readonly ms: number }

/**
 * The members of a request's access line, by hand: every request pays for it. The names are the gateway's. What is not quoted
 * here was checked before, or is nobody's words but the service's.
 */
export function requestFields (request: LoggedRequest, reply: LoggedReply, { route, status, ms }: Outcome): string {
  const { id, seen, method, raw, errorCode, parts, headers } = request
  const traceId = traceIdOf(headers.traceparent)
  let line = `,"requestId":"${id}"`
  if (traceId !== undefined) line += `,"traceId":"${traceId}"`
  line += `,"client":"${seen.client}","method":${quoted(method)},"route":${quoted(route)},"path":${quoted(pathOf(raw.url ?? ''))},"status":${status}`
  if (errorCode !== undefined) line += `,"code":"${errorCode}"`
  line += `,"bytesIn":${bytesIn(request)},"bytesOut":${bytesOut(request, reply)},"ms":${Math.round(ms * 1000) / 1000}`
  if (parts !== undefined) line += partsFields(parts)
  line += `,"httpVersion":"${raw.httpVersion}"`
  return status === clientLeft || !reply.raw.writableFinished ? `${line},"aborted":true` : line
}

/** Which requests of which traces an exchange held, and which of them got no prediction. */
function partsFields ({ codes, exchange }: RequestParts): string {
  let refused = 0
  let refusals = ''
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === undefined) continue
    refused++
    if (exchange === undefined) continue
    refusals += `${refusals === '' ? '' : ','}{"requestId":"${exchange.items[i]!.requestId}","status":${exchange.answers[i]!.status},"code":"${codes[i]}"}`
  }
  const line = `,"items":${codes.length},"refused":${refused}`
  if (exchange === undefined) return line
  let ids = ''
  let traces = ''
  for (const { requestId, traceparent } of exchange.items) {
    const traceId = traceIdOf(traceparent)
    ids += `${ids === '' ? '' : ','}"${requestId}"`
    traces += `${traces === '' ? '' : ','}${traceId === undefined ? null : `"${traceId}"`}`
  }
  return `${line},"requestIds":[${ids}],"traceIds":[${traces}]${refusals === '' ? '' : `,"refusals":[${refusals}]`}`
}

/** The target without its query, which may hold what is nobody's business. */
function pathOf (target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

/** Of the body, as it was announced; 0 of one that came in chunks. */
function bytesIn ({ headers }: LoggedRequest): number {
  return Number(headers['content-length'] ?? 0)
}

/** Of the body. */
function bytesOut ({ method }: LoggedRequest, reply: LoggedReply): number {
  return method === 'HEAD' || !reply.raw.headersSent ? 0 : Number(reply.getHeader('content-length') ?? 0)
}
