import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, SpanContext, Tracer } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_HEADER, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT, ATTR_URL_PATH, ATTR_URL_SCHEME
} from '@opentelemetry/semantic-conventions'
import type { FastifyRequest } from 'fastify'
import type { ExchangeItem } from '../../http/exchange.ts'
import type { Execution } from '../../inference/batch-queue.ts'
import { WallClock } from './wall-clock.ts'

/** An execution that a request took part in, and with how many rows. */
export interface Share { readonly execution: Execution, readonly rows: number }

/** What became of a request. */
export interface Course {
  /** The caller's span. */
  readonly parent: Context
  readonly shares: readonly Share[]
  /** By `performance.now()`. */
  readonly start: number
  readonly end: number
  /** None: the caller went away before its answer. */
  readonly status: number | undefined
}

/**
 * Makes a request's spans when it is over: its own (SERVER), and one for each execution of the model that held rows of it
 * (INTERNAL). Executions are shared: of the spans of one, each links to the first, and `inference.batch_size` says how many
 * rows it held.
 */
export class PredictorSpans {
  readonly #tracer: Tracer
  readonly #clock = new WallClock()
  readonly #firstOf = new WeakMap<Execution, SpanContext>()

  constructor (tracer: Tracer) {
    this.#tracer = tracer
  }

  /** A request by itself. */
  recordRequest ({ raw, method, hostname, port, id, routeOptions: { url: route } }: FastifyRequest, course: Course): void {
    this.#record(route === undefined ? method : `${method} ${route}`, {
      ...serverAttributes(method, raw.url!.split('?', 1)[0]!, route, id),
      [ATTR_SERVER_ADDRESS]: hostname,
      [ATTR_SERVER_PORT]: port ?? undefined,
      [ATTR_NETWORK_PROTOCOL_VERSION]: raw.httpVersion
    }, course)
  }

  /** One of several requests in an exchange. */
  recordItem ({ requestId }: ExchangeItem, path: string, items: number, course: Course): void {
    this.#record(`POST ${path}`, { ...serverAttributes('POST', path, path, requestId), 'exchange.items': items }, course)
  }

  #record (name: string, attributes: Attributes, { parent, shares, start, end, status }: Course): void {
    this.#clock.check()
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: this.#clock.at(start), attributes }, parent)
    if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
    if (status === undefined || status >= 500) {
      span.setAttribute(ATTR_ERROR_TYPE, status === undefined ? 'client_gone' : String(status)).setStatus({ code: SpanStatusCode.ERROR })
    }
    const context = trace.setSpan(ROOT_CONTEXT, span)
    for (const share of shares) this.#recordExecution(share, context)
    span.end(this.#clock.at(end))
  }

  #recordExecution ({ execution, rows }: Share, parent: Context): void {
    const first = this.#firstOf.get(execution)
    const span = this.#tracer.startSpan('inference', {
      kind: SpanKind.INTERNAL,
      startTime: this.#clock.at(execution.start),
      links: first === undefined ? [] : [{ context: first }],
      attributes: { 'inference.rows': rows, 'inference.batch_size': execution.rows }
    }, parent)
    if (first === undefined) this.#firstOf.set(execution, span.spanContext())
    span.end(this.#clock.at(execution.end))
  }
}

function serverAttributes (method: string, path: string, route: string | undefined, requestId: string): Attributes {
  return {
    [ATTR_HTTP_REQUEST_METHOD]: method,
    [ATTR_URL_SCHEME]: 'http',
    [ATTR_URL_PATH]: path,
    [ATTR_HTTP_ROUTE]: route,
    [ATTR_HTTP_RESPONSE_HEADER('x-request-id')]: [requestId]
  }
}
