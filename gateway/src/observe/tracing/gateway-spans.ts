import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, createTraceState, trace as traceApi } from '@opentelemetry/api'
import type { Attributes, Context, Link, Span, SpanContext, Tracer } from '@opentelemetry/api'
import {
  ATTR_CLIENT_ADDRESS, ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_REQUEST_RESEND_COUNT, ATTR_HTTP_RESPONSE_HEADER,
  ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE, ATTR_NETWORK_PEER_ADDRESS, ATTR_NETWORK_PROTOCOL_VERSION, ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT, ATTR_URL_FULL, ATTR_URL_PATH, ATTR_URL_SCHEME
} from '@opentelemetry/semantic-conventions'
import type { Trip } from '../../upstream/trip.ts'
import type { TraceContext } from '../trace-context.ts'
import type { SpanIds } from './span-ids.ts'
import type { RecordedRequest } from './tracing.ts'
import { WallClock } from './wall-clock.ts'

/**
 * Makes a request's spans when it is over: the gateway's own (SERVER) and, when it was sent to an upstream, its call (CLIENT),
 * whose id the upstream was told. Attributes are those of OpenTelemetry's conventions for HTTP.
 *
 * An exchange is one call for many traces. Each of them gets a call span of its own, so that every trace is whole; each but
 * the first recorded links to the first, and `exchange.items` says how many requests the exchange held.
 */
export class GatewaySpans {
  readonly #tracer: Tracer
  readonly #ids: SpanIds
  /** Paths that may stand in a span's name: few, and none of a client's choosing. */
  readonly #routes: Set<string>
  readonly #clock = new WallClock()
  readonly #firstOf = new WeakMap<Trip, SpanContext>()

  constructor (tracer: Tracer, ids: SpanIds, routes: string[]) {
    this.#tracer = tracer
    this.#ids = ids
    this.#routes = new Set(routes)
  }

  record (request: RecordedRequest): void {
    const { trace, trip, start, path, status, code } = request
    const end = performance.now()
    this.#clock.check()
    const method = methodOf(request.method)
    const route = this.#routes.has(path) ? path : undefined
    this.#ids.next({ traceId: trace.traceId })
    const server = this.#tracer.startSpan(route === undefined ? method.name : `${method.name} ${route}`, {
      kind: SpanKind.SERVER, startTime: this.#clock.at(start), attributes: { ...method.attributes, ...serverAttributes(request, route) }
    }, parentOf(trace))
    // A client's mistake is not the gateway's error.
    if (status === undefined) fail(server, 'client_gone')
    else if (status >= 500) fail(server, code ?? String(status))
    if (trip !== undefined && trip.attempts > 0) this.#recordCall(request, trip, method, traceApi.setSpan(ROOT_CONTEXT, server), end)
    server.end(this.#clock.at(end))
  }

  #recordCall ({ trace, path, status, code }: RecordedRequest, trip: Trip, method: Method, parent: Context, latest: number): void {
    this.#ids.next(trace)
    const call = this.#tracer.startSpan(trip.items === undefined ? method.name : `exchange ${path}`, {
      kind: SpanKind.CLIENT,
      startTime: this.#clock.at(trip.sentAt),
      links: this.#linksOf(trip, trace),
      attributes: { ...method.attributes, ...callAttributes(trip, path) }
    }, parent)
    if (code !== undefined) fail(call, code)
    else if (status === undefined) fail(call, 'client_gone')
    else {
      call.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
      if (status >= 400) fail(call, String(status))
    }
    call.end(this.#clock.at(trip.endedAt === 0 ? latest : Math.min(trip.endedAt, latest)))
  }

  #linksOf (trip: Trip, { traceId, spanId }: TraceContext): Link[] {
    if (trip.items === undefined) return []
    const first = this.#firstOf.get(trip)
    if (first !== undefined) return [{ context: first }]
    this.#firstOf.set(trip, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })
    return []
  }
}

/** The caller's span, when the request came with one. */
function parentOf ({ traceId, parentId, sampled, state }: TraceContext): Context {
  if (parentId === undefined) return ROOT_CONTEXT
  return traceApi.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: parentId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) })
  })
}

const knownMethods: ReadonlySet<string> = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])

interface Method { name: string, attributes: Attributes }

/** Other methods than the known ones are `_OTHER`, and their spans named `HTTP`. */
function methodOf (method: string): Method {
  if (knownMethods.has(method)) return { name: method, attributes: { [ATTR_HTTP_REQUEST_METHOD]: method } }
  return { name: 'HTTP', attributes: { [ATTR_HTTP_REQUEST_METHOD]: '_OTHER', 'http.request.method_original': method } }
}

function serverAttributes (request: RecordedRequest, route: string | undefined): Attributes {
  const { scheme, path, host, client, httpVersion, status, requestId } = request
  const [, address, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(host) ?? []
  return {
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_URL_PATH]: path,
    [ATTR_HTTP_ROUTE]: route,
    [ATTR_SERVER_ADDRESS]: address || undefined,
    [ATTR_SERVER_PORT]: port === undefined ? undefined : Number(port),
    [ATTR_CLIENT_ADDRESS]: client.address,
    [ATTR_NETWORK_PEER_ADDRESS]: client.chain.at(-1),
    // `2`, as the convention has it, where Node says `2.0`.
    [ATTR_NETWORK_PROTOCOL_VERSION]: httpVersion === '2.0' ? '2' : httpVersion,
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
    [ATTR_HTTP_RESPONSE_HEADER('x-request-id')]: [requestId]
  }
}

function callAttributes ({ upstream, items, attempts }: Trip, path: string): Attributes {
  const url = new URL(`http://${upstream}`)
  return {
    [ATTR_URL_FULL]: `http://${upstream}${path}`,
    [ATTR_SERVER_ADDRESS]: url.hostname,
    [ATTR_SERVER_PORT]: Number(url.port || 80),
    [ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: attempts > 1 ? attempts - 1 : undefined,
    'exchange.items': items
  }
}

function fail (span: Span, type: string): void {
  span.setAttribute(ATTR_ERROR_TYPE, type).setStatus({ code: SpanStatusCode.ERROR })
}
