import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client } from '../client-address.ts'
import type { ClientIdentity } from '../tls/client-certificate.ts'
import type { Trip } from '../upstream/trip.ts'
import { quoted } from './log-line.ts'
import type { TraceContext } from './trace-context.ts'

/** What the access line tells of a request that only shows on the way. */
export interface Seen {
  /** When its headers were there, on the clock of `performance.now()`. */
  start: number
  /** Its connection's part of the line. */
  connection: string
  /** Bytes of its answer's body that went out, where they come piece by piece. */
  streamed: number
}

/** Of a request, Fastify's or one that went past it, what its line is made of. */
export interface LoggedRequest {
  id: string
  trace: Pick<TraceContext, 'traceId'>
  client: Pick<Client, 'address'>
  clientIdentity: Pick<ClientIdentity, 'commonName'> | undefined
  method: string
  raw: IncomingMessage
  body: unknown
  errorCode: string | undefined
  trip: Trip | undefined
  /** None before the access log knows of it. */
  seen: Seen | undefined
}

/** Of its answer. */
export interface LoggedReply {
  request: LoggedRequest
  raw: ServerResponse
  statusCode: number
  /** Asked for `content-length`. */
  getHeader: (name: string) => number | string | string[] | undefined
}

/** As Nginx has it: nobody was there any more to be answered. */
export const clientLeft = 499

/** Whether the client had gone before the answer began, or before its request was whole: what was then said nobody heard. */
export function hasLeft ({ raw, request }: Pick<LoggedReply, 'raw' | 'request'>): boolean {
  return !raw.headersSent || (request.raw.aborted && !request.raw.complete)
}

/** What the access log found out already. */
interface Outcome {
  path: string
  route: string
  status: number
  /** Milliseconds from the request's headers to now. */
  ms: number
  isLimited: boolean
}

/**
 * The members of a request's access line, by hand: every request pays for it. What is not quoted here was checked before,
 * or is nobody's words but the gateway's: ids, addresses, codes, versions.
 */
export function requestFields (reply: LoggedReply, { path, route, status, ms, isLimited }: Outcome): string {
  const { request } = reply
  const { id, trace, client, clientIdentity, method, raw, errorCode, trip, seen } = request
  let line = `,"requestId":"${id}","traceId":"${trace.traceId}","client":"${client.address}"`
  if (clientIdentity !== undefined) line += `,"clientCertificate":${quoted(clientIdentity.commonName)}`
  line += `,"method":${quoted(method)},"route":${quoted(route)},"path":${quoted(path)},"status":${status}`
  if (errorCode !== undefined) line += `,"code":"${errorCode}"`
  line += `,"bytesIn":${bytesIn(request)},"bytesOut":${bytesOut(reply)},"ms":${rounded(ms)}`
  if (trip !== undefined && trip.attempts > 0) {
    // One that is still under way, since its client is gone, took all the time there was.
    const end = trip.endedAt === 0 ? performance.now() : trip.endedAt
    line += `,"upstream":"${trip.upstream}","upstreamMs":${rounded(end - trip.sentAt)}`
    if (trip.items !== undefined) line += `,"items":${trip.items}`
  }
  line += `,"httpVersion":"${raw.httpVersion}"${seen!.connection}`
  if (isLimited) line += errorCode === 'RATE_LIMITED' ? ',"rateLimit":"limited"' : ',"rateLimit":"admitted"'
  return status === clientLeft || !reply.raw.writableFinished ? `${line},"aborted":true` : line
}

function rounded (ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Of the body, as far as it was read whole. */
function bytesIn ({ body }: LoggedRequest): number {
  return Buffer.isBuffer(body) ? body.length : 0
}

/** Of the body. */
function bytesOut (reply: LoggedReply): number {
  const { method, seen } = reply.request
  if (seen!.streamed > 0) return seen!.streamed
  if (method === 'HEAD' || !reply.raw.headersSent) return 0
  return Number(reply.getHeader('content-length') ?? 0)
}
