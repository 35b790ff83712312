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

/** A request and its answer, Fastify's or one that went past it: what its line is made of. */
export interface Logged {
  id: string
  trace: Pick<TraceContext, 'traceId'>
  client: Pick<Client, 'address'>
  clientIdentity: Pick<ClientIdentity, 'commonName'> | undefined
  method: string
  url: string
  httpVersion: string
  errorCode: string | undefined
  trip: Trip | undefined
  seen: Seen
  statusCode: number
  /** Whether the client had gone before the answer began, or before its request was whole: what was then said nobody heard. */
  hasLeft: boolean
  /** Whether all of the answer went out. */
  isWhole: boolean
  /** Bytes of the request's body, as far as it was read whole. */
  bytesIn: number
  /** Bytes of the answer's body. */
  bytesOut: number
}

/** As Nginx has it: nobody was there any more to be answered. */
export const clientLeft = 499

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
export function requestFields (logged: Logged, { path, route, status, ms, isLimited }: Outcome): string {
  const { id, trace, client, clientIdentity, method, httpVersion, errorCode, trip, seen } = logged
  let line = `,"requestId":"${id}","traceId":"${trace.traceId}","client":"${client.address}"`
  if (clientIdentity !== undefined) line += `,"clientCertificate":${quoted(clientIdentity.commonName)}`
  line += `,"method":${quoted(method)},"route":${quoted(route)},"path":${quoted(path)},"status":${status}`
  if (errorCode !== undefined) line += `,"code":"${errorCode}"`
  line += `,"bytesIn":${logged.bytesIn},"bytesOut":${logged.bytesOut},"ms":${rounded(ms)}`
  if (trip !== undefined && trip.attempts > 0) {
    // One that is still under way, since its client is gone, took all the time there was.
    const end = trip.endedAt === 0 ? performance.now() : trip.endedAt
    line += `,"upstream":"${trip.upstream}","upstreamMs":${rounded(end - trip.sentAt)}`
    if (trip.items !== undefined) line += `,"items":${trip.items}`
  }
  line += `,"httpVersion":"${httpVersion}"${seen.connection}`
  if (isLimited) line += errorCode === 'RATE_LIMITED' ? ',"rateLimit":"limited"' : ',"rateLimit":"admitted"'
  return status === clientLeft || !logged.isWhole ? `${line},"aborted":true` : line
}

function rounded (ms: number): number {
  return Math.round(ms * 1000) / 1000
}
