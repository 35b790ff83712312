import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { PublicError } from '../errors.ts'
import type { ExchangeItem, ItemAnswer } from '../http/exchange.ts'
import { clientLeft, hasLeft, requestFields } from './access-line.ts'
import { logItems } from './item-lines.ts'
import { LineWriter } from './log-line.ts'
import type { PredictorCounts } from './metrics/counts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error that this request as a whole was answered with, if any. */
    errorCode: string | undefined
    /** What it held, when that is more than itself. */
    parts: RequestParts | undefined
    /** What the access log saw of it when its headers were there. */
    seen: Seen
  }
}

/**
 * `start` is on the clock of `performance.now()`; `client` is the other end of the connection, which closes before the line is
 * written; `refusal` is what the connection was answered where the request never came to its end.
 */
export interface Seen { readonly start: number, readonly client: string, refusal?: PublicError }

/** The items of an exchange or the lines of a batch, and what they were answered. */
export interface RequestParts {
  /** The error's code of each that was answered with one. */
  readonly codes: readonly (string | undefined)[]
  /** None of a batch, whose lines are no requests of their own. */
  readonly exchange?: { readonly items: readonly ExchangeItem[], readonly answers: readonly ItemAnswer[] }
}

/** What is read of a request, Fastify's or one that came past it. */
export interface LoggedRequest {
  readonly id: string
  readonly ip: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly raw: IncomingMessage
  readonly routeOptions: { readonly url?: string | undefined }
  readonly parts: RequestParts | undefined
  errorCode: string | undefined
  seen: Seen
}

/** The same of its reply. */
export interface LoggedReply {
  readonly raw: ServerResponse
  readonly request: LoggedRequest
  readonly statusCode: number
  getHeader (name: 'content-length'): string | number | string[] | undefined
}

export interface AccessLogOptions {
  logger: FastifyBaseLogger
  /** None: nobody counts. */
  counts?: PredictorCounts
  /** Routes that are asked again and again to see whether the service is well: told at debug alone. `all`: each is one. */
  probes: ReadonlySet<string> | 'all'
}

const answering = Symbol('reply')
type Answer = ServerResponse & { [answering]?: LoggedReply }

/**
 * One line a request, and its part in the metrics, when its answer is out or its client is gone. An exchange is one request:
 * its line names the requests in it, so that a request's id finds its line in both services. At debug each of them has a line
 * of its own.
 */
export class AccessLog {
  readonly #options: AccessLogOptions
  readonly #lines: LineWriter
  // One function for all answers.
  readonly #closed = listener((reply) => { this.#ended(reply.request, reply) })

  constructor (options: AccessLogOptions) {
    this.#options = options
    this.#lines = new LineWriter(options.logger, 'request')
  }

  /** Told of a request as soon as its headers are there. */
  started (request: LoggedRequest, reply: LoggedReply): void {
    request.seen = { start: performance.now(), client: request.ip }
    this.#options.counts?.requests.started(request.method)
    const answer = reply.raw as Answer
    answer[answering] = reply
    answer.on('close', this.#closed)
  }

  /**
   * Told of what never became a request, or not a whole one.
   * @param response the answer that was under way, if one was
   * @returns the request's id, for what the connection is answered instead
   */
  refused (refusal: PublicError, client: string | undefined, response: Answer | undefined): string {
    const request = response?.[answering]?.request
    if (request !== undefined) {
      request.seen.refusal = refusal
      return request.id
    }
    const { counts, logger, probes } = this.#options
    const { code, statusCode: status } = refusal
    const requestId = randomUUID()
    counts?.refused.add(code)
    logger[probes === 'all' ? 'debug' : 'info']({ requestId, client, status, code }, 'request')
    return requestId
  }

  #ended (request: LoggedRequest, reply: LoggedReply): void {
    const { counts, probes, logger } = this.#options
    const { method, parts } = request
    const route = request.routeOptions.url ?? unknownPaths
    const { refusal } = request.seen
    if (refusal !== undefined) request.errorCode = refusal.code
    const status = refusal?.statusCode ?? (hasLeft(reply) ? clientLeft : reply.statusCode)
    const ms = performance.now() - request.seen.start
    counts?.requests.ended(method, route, status, ms / 1000)
    if (request.errorCode !== undefined) counts?.refused.add(request.errorCode)
    for (const code of parts?.codes ?? []) if (code !== undefined) counts?.refused.add(code)
    const level = probes === 'all' || probes.has(route) ? 'debug' : 'info'
    if (this.#lines.wants(level)) this.#lines.write(level, requestFields(request, reply, { route, status, ms }))
    if (parts?.exchange !== undefined && this.#lines.wants('debug')) logItems(logger, route, parts.exchange)
  }
}

const unknownPaths = '/*'

function listener (ended: (reply: LoggedReply) => void) {
  return function (this: Answer): void { ended(this[answering]!) }
}

export const accessLog = fp(async (app: FastifyInstance, { log }: { log: AccessLog }) => {
  app.decorateRequest('errorCode', undefined)
  app.decorateRequest('parts', undefined)
  app.decorateRequest('seen', null as never)
  app.addHook('onRequest', (request, reply, done) => {
    log.started(request, reply)
    done()
  })
}, { name: 'access-log', fastify: '5.x' })
