import type { ServerResponse } from 'node:http'
import { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { handedOver } from '../fast-path/handover.ts'
import { clientLeft, requestFields } from './access-line.ts'
import type { Logged, Seen } from './access-line.ts'
import { connectionFields } from './connection-fields.ts'
import { LineWriter } from './log-line.ts'
import type { EdgeCounts } from './metrics/counts.ts'
import { serverErrors } from './server-errors.ts'
import { UsualAnswer } from './usual-answer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The contract's code of the error this request was answered with, if any. */
    errorCode: string | undefined
    /** What the access log saw of it on the way. */
    seen: Seen | undefined
  }
}

/** Fastify's own two lines a request are off: they cost as much as the rest of a request (measured). */
export const ownLinesOff = new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' })

export interface AccessLogOptions {
  logger: FastifyBaseLogger
  counts: EdgeCounts
  scheme: 'https' | 'http'
  /** Paths that metrics and lines tell apart; all others are one route. */
  routes: ReadonlySet<string>
  /** What load balancers ask again and again: told at debug alone. */
  healthPath: string
  /** Whether requests are limited at all. */
  isLimited: boolean
}

const answering = Symbol('answer')
type Answer = ServerResponse & { [answering]?: UsualAnswer | undefined }

/**
 * One line a request, and its part in the metrics, when its answer is out or its client is gone. Not at Fastify's
 * `onResponse`: a client that leaves an HTTP/1.1 connection before its answer never gets there.
 */
export class AccessLog {
  readonly #options: AccessLogOptions
  readonly #lines: LineWriter
  // One function for all answers.
  readonly #closed: (this: Answer) => void

  constructor (options: AccessLogOptions) {
    const ended = (answer: UsualAnswer) => this.ended(answer)
    this.#options = options
    this.#lines = new LineWriter(options.logger, 'request')
    this.#closed = function () {
      const answer = this[answering]
      this[answering] = undefined
      if (answer !== undefined) ended(answer)
    }
  }

  /** Told of a request of the usual way as soon as its headers are there. */
  started (request: FastifyRequest, reply: FastifyReply): void {
    const answer = reply.raw as Answer
    if (answer[answering] !== undefined) return
    answer[answering] = new UsualAnswer(request, reply)
    // From the fast path to the usual one: it is the same request still.
    request.seen = handedOver(request.raw)?.seen ?? this.begin(request.method, connectionFields(request.raw))
    answer.on('close', this.#closed)
    // A stream that its client took back may have been closed before.
    if ('stream' in answer && (answer.stream as { destroyed: boolean }).destroyed) setImmediate(() => this.#closed.call(answer))
  }

  /**
   * Told of the beginning of any request.
   * @param connection its connection's members of the line
   */
  begin (method: string, connection: string): Seen {
    const { counts, scheme } = this.#options
    counts.requests[scheme].started(method)
    return { start: performance.now(), connection, streamed: 0 }
  }

  /** Told of what never became a request. */
  refused (requestId: string, client: string | undefined, { code, statusCode: status }: { code: string, statusCode: number }): void {
    this.#options.counts.refusedRequests.add(code)
    this.#options.logger.info({ requestId, client, status, code }, 'request')
  }

  /** Told of its end, once. */
  ended (logged: Logged): void {
    const { counts, scheme, routes, healthPath, isLimited } = this.#options
    const { errorCode, method } = logged
    const path = pathOf(logged.url)
    const route = routes.has(path) ? path : otherRoutes
    const status = logged.hasLeft ? clientLeft : logged.statusCode
    const ms = performance.now() - logged.seen.start
    counts.requests[scheme].ended(method, route, status, ms / 1000)
    if (errorCode !== undefined) counts.refusedRequests.add(errorCode)
    if (status >= 500) serverErrors.answered(status, errorCode, logged.id)
    const level = status < 400 && isHealthCheck(path, healthPath) ? 'debug' : 'info'
    if (this.#lines.wants(level)) this.#lines.write(level, requestFields(logged, { path, route, status, ms, isLimited }))
  }
}

const otherRoutes = '/*'

/** The path that is asked by the gateway itself, and its neighbours in a folder: `/v2/health/live` beside `/v2/health/ready`. */
function isHealthCheck (path: string, healthPath: string): boolean {
  const folder = healthPath.lastIndexOf('/')
  return path === healthPath || (folder > 0 && path.startsWith(healthPath.slice(0, folder + 1)))
}

/** The target without its query, which may hold what is nobody's business. */
function pathOf (target: string): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

async function accessLogPlugin (app: FastifyInstance, { log }: { log: AccessLog }): Promise<void> {
  app.decorateRequest('errorCode', undefined)
  app.decorateRequest('seen', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    log.started(request, reply)
    done()
  })
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (isStream(payload)) payload.on('data', ({ length }: Buffer) => { request.seen!.streamed += length })
    done()
  })
}

export const accessLog = fp(accessLogPlugin, { name: 'access-log' })

function isStream (payload: unknown): payload is NodeJS.ReadableStream {
  return typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload) && 'pipe' in payload
}

/** Health checks and scrapes of a private port: at debug alone. */
async function adminLogPlugin (app: FastifyInstance): Promise<void> {
  app.addHook('onResponse', ({ log, ip: client, method, raw, routeOptions }, { statusCode: status, elapsedTime }, done) => {
    log.debug({ client, method, route: routeOptions.url, path: pathOf(raw.url!), status, ms: elapsedTime }, 'request')
    done()
  })
}

export const adminLog = fp(adminLogPlugin, { name: 'admin-log' })
