import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Client } from '../../client-address.ts'
import type { Config } from '../../config.ts'
import type { Trip } from '../../upstream/trip.ts'
import type { TraceContext } from '../trace-context.ts'

/** A request that is over, as its spans tell it. */
export interface RecordedRequest {
  trace: TraceContext
  /** Its way to an upstream, if it was sent to one. */
  trip: Trip | undefined
  /** When its headers were there, by `performance.now()`. */
  start: number
  requestId: string
  method: string
  scheme: 'http' | 'https'
  /** As the Host header has it. */
  host: string
  /** Without the query, which may hold what is nobody's business. */
  path: string
  /** As Node says it. */
  httpVersion: string
  client: Client
  /** None: the client was gone before its answer. */
  status: number | undefined
  /** The contract's code of the error that the gateway answered with. */
  code: string | undefined
}

/** Spans of requests, exported over OTLP. There is none unless a collector is configured. */
export interface Tracing {
  /** How many of the traces are recorded that no trusted caller has decided on: 0 to 1. */
  share: number
  /** Records a request now that it is over. Only for those whose trace is sampled. */
  record: (request: RecordedRequest) => void
  /** Exports what is still queued; resolves when it is, or when the time comes. @param by on the clock of `performance.now()` */
  close: (by: number) => Promise<void>
}

/** Tracing as the configuration wants it. */
export async function startTracing (config: Config, logger: FastifyBaseLogger): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {}, COALESCE_PATHS: routes } = config
  if (endpoint === undefined) return undefined
  // A file of its own in the build: who does not trace never reads it.
  const { createTracing } = await import('./otlp.ts')
  return createTracing({ collector: { endpoint, headers }, share: shareOf(config), routes, logger })
}

function shareOf ({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio }: Config): number {
  if (sampler === 'parentbased_traceidratio') return ratio
  return sampler === 'parentbased_always_on' ? 1 : 0
}

/** Spans of each request whose trace is sampled. */
async function requestSpansPlugin (app: FastifyInstance, { tracing }: { tracing: Tracing | undefined }): Promise<void> {
  if (tracing === undefined) return
  app.addHook('onRequest', (request, reply, done) => {
    follow(tracing, request, reply)
    done()
  })
}

export const requestSpans = fp(requestSpansPlugin, { name: 'request-spans', dependencies: ['identity'] })

/**
 * Records a request when its answer is out or its client is gone, if its trace is sampled. Not at Fastify's `onResponse`, which
 * is never called for a client that leaves an HTTP/1.1 connection before its answer.
 */
export function follow (tracing: Tracing, request: FastifyRequest, reply: FastifyReply): void {
  if (!request.trace.sampled) return
  const start = performance.now()
  // Asked now: a stream whose session has ended no longer knows that it was encrypted.
  const { protocol: scheme, raw, method, id: requestId, host } = request
  const over = () => tracing.record({
    trace: request.trace,
    trip: request.trip,
    start,
    requestId,
    method,
    scheme,
    host,
    path: raw.url!.split('?', 1)[0]!,
    httpVersion: raw.httpVersion,
    client: request.client,
    status: reply.raw.writableFinished ? reply.statusCode : undefined,
    code: request.errorCode
  })
  // A stream that its client has reset has been closed already.
  if (reply.raw.closed) setImmediate(over)
  else reply.raw.once('close', over)
}
