import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../config.ts'
import type { ExchangeCounts } from '../observe/metrics/counts.ts'
import { traceparentOf } from '../observe/trace-context.ts'
import { identityHeaders } from '../tls/client-certificate.ts'
import { Coalescer, plainly } from './coalescer.ts'
import type { Passenger } from './coalescer.ts'
import type { ExchangeAnswer } from './exchange.ts'
import type { UpstreamPool } from './pool.ts'

/** Larger requests gain nothing by sharing. */
export const longestBody = 16384

/**
 * The headers that a request may have without being more than its body: what each request has, and what only the gateway
 * looks at. With any other header the answer could be another one, and the request goes by itself.
 */
const harmless = new Set([
  ':authority', ':method', ':path', ':scheme', 'accept', 'accept-encoding', 'accept-language', 'connection', 'content-length',
  'content-type', 'dnt', 'expect', 'host', 'keep-alive', 'origin', 'priority', 'referer', 'traceparent', 'tracestate',
  'transfer-encoding', 'user-agent', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip',
  'x-request-id'
])

const jsonType = /^application\/json(?:\s*;\s*charset=utf-8)?$/i
const jsonAccepted = /(?:^|,)\s*(?:\*\/\*|application\/\*|application\/json)\s*(?:,|$)/i

// The spelling of nearly all requests, then any other.
export function isJson (contentType: string | undefined): boolean {
  return contentType === 'application/json' || jsonType.test(contentType ?? '')
}

export function acceptsJson (accept: string): boolean {
  return accept === '*/*' || jsonAccepted.test(accept)
}

/** Whether a request's answer depends on nothing but its body. */
export function isBodyAlone (headers: IncomingHttpHeaders, body: unknown): body is Buffer {
  if (!Buffer.isBuffer(body) || body.length > longestBody || !isJson(headers['content-type'])) return false
  if (headers.accept !== undefined && !acceptsJson(headers.accept)) return false
  for (const name in headers) {
    if (!harmless.has(name) && !name.startsWith('sec-')) return false
  }
  return true
}

/** The coalescers that the configuration asks for, under the request targets whose requests they take. */
export function coalescers (
  config: Config, upstreams: UpstreamPool, logger: FastifyBaseLogger, exchanges: ExchangeCounts
): Map<string, Coalescer> {
  if (config.COALESCE_MAX === 0) return new Map()
  return new Map(config.COALESCE_PATHS.map((path) => [path, new Coalescer({
    path,
    upstreams,
    max: config.COALESCE_MAX,
    queueMax: config.UPSTREAM_QUEUE_MAX,
    timeout: config.UPSTREAM_TIMEOUT_MS,
    logger,
    exchanges
  })]))
}

/** Whether a request shares an exchange. */
export function travelsTogether ({ headers, body }: FastifyRequest, coalescer: Coalescer): boolean {
  return coalescer.isSpoken && isBodyAlone(headers, body)
}

/**
 * Sends a request with others and answers it.
 * @param plain sends it by itself, when the upstream turns out not to speak the exchange
 */
export function travel (request: FastifyRequest, reply: FastifyReply, coalescer: Coalescer, plain: () => unknown): void {
  const { clientIdentity } = request
  const passenger: Passenger = {
    body: (request.body as Buffer).toString('latin1'),
    id: request.id,
    traceparent: traceparentOf(request.trace),
    tracestate: request.trace.state,
    identity: clientIdentity === undefined ? undefined : identityHeaders(clientIdentity),
    leaves: (trip) => { request.trip = trip },
    done: (outcome) => {
      if (outcome === plainly) plain()
      else if (outcome instanceof Error) reply.send(outcome)
      else answer(reply, outcome)
    }
  }
  reply.raw.once('close', () => coalescer.leave(passenger))
  coalescer.add(passenger)
}

function answer (reply: FastifyReply, { status, body }: ExchangeAnswer): void {
  if (status === 503) reply.header('retry-after', '1')
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(Buffer.from(body, 'latin1'))
}
