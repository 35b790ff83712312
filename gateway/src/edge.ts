import type { IncomingMessage, RequestListener } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Server, Socket } from 'node:net'
import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerFactory } from 'fastify'
import { guardConnections } from './accept.ts'
import type { Config } from './config.ts'
import { drain } from './drain.ts'
import { MethodNotAllowed, errorBody, publicError } from './errors.ts'
import type { CodedError } from './errors.ts'
import type { FastPath } from './fast-path.ts'
import { handedOver, takeOver } from './fast-path/handover.ts'
import type { FastLane } from './fast-path/lane.ts'
import { hygiene, publicMethods } from './hygiene.ts'
import { identify, identity } from './identity.ts'
import { arrivalLimits } from './limits/arrival.ts'
import { clientKey } from './limits/client-key.ts'
import { limitConnectionTime } from './limits/connection-time.ts'
import type { ConnectionLimits } from './limits/connections.ts'
import { limitPipelining } from './limits/pipelining.ts'
import { rateLimit } from './limits/rate-limit.ts'
import type { RateLimiter } from './limits/plugin-store.ts'
import { answerExpectations } from './expectations.ts'
import { answerConnect, answerMalformed, discardInput } from './malformed.ts'
import { AccessLog, accessLog, ownLinesOff } from './observe/access-log.ts'
import type { EdgeCounts } from './observe/metrics/counts.ts'
import { follow, requestSpans } from './observe/tracing/tracing.ts'
import type { Tracing } from './observe/tracing/tracing.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { requestId } from './request-id.ts'
import type { ClientAuthority } from './tls/client-authority.ts'
import { clientCertificate, requireCertificate } from './tls/client-certificate.ts'

export interface EdgeParts {
  logger: FastifyBaseLogger
  /** None: requests are not limited. */
  limiter: RateLimiter | undefined
  /** The connections of all public ports together. */
  connections: ConnectionLimits
  /** The security headers of every answer. */
  headers: Record<string, string>
  /** What is counted for the metrics. */
  counts: EdgeCounts
  /** Whose client certificates are believed now, where certificates are asked for. */
  clientAuthority?: () => ClientAuthority | undefined
  /** Begins the fast path of those requests that have one. */
  fastPath?: ((server: Server, lane: Pick<FastLane, 'log' | 'isDraining'>) => FastPath) | undefined
  /** None: no spans. */
  tracing?: Tracing | undefined
}

/**
 * What every public port does, HTTPS or HTTP, before a request's own matter: log, identity, rate limit, hygiene, and the
 * contract's answer to every failure.
 */
export async function buildEdge (config: Config, parts: EdgeParts, serverFactory: FastifyServerFactory): Promise<FastifyInstance> {
  const { logger, limiter, connections, headers, counts, tracing } = parts
  // Plain HTTP has no certificates.
  const clientAuth = parts.clientAuthority === undefined ? 'off' : config.CLIENT_AUTH
  const log = new AccessLog({
    logger,
    counts,
    scheme: parts.clientAuthority === undefined ? 'http' : 'https',
    routes: new Set(['/', ...config.COALESCE_PATHS, config.UPSTREAM_HEALTH_PATH, ...config.CLIENT_AUTH_EXEMPT]),
    healthPath: config.UPSTREAM_HEALTH_PATH,
    isLimited: limiter !== undefined
  })
  // What never became a request is counted and logged all the same.
  const refusedAt = ({ remoteAddress: client }: Socket) => (error: CodedError, requestId: string) => {
    limiter?.consume(clientKey(client))
    log.refused(requestId, client, error)
  }
  let fast: FastPath | undefined
  const app: FastifyInstance = Fastify({
    serverFactory: (handler, options) => {
      const inOrder = limitPipelining(oneAtATime(handler as RequestListener), discardInput)
      const server = serverFactory(inOrder as typeof handler, options)
      fast = parts.fastPath?.(server, { log, isDraining: () => app.isDraining() })
      return server
    },
    loggerInstance: logger,
    logController: ownLinesOff,
    genReqId: (request) => {
      takeOver(request)
      return handedOver(request)?.id ?? requestId(request)
    },
    requestIdHeader: false,
    // While draining, a request that still arrives is still answered; its connection is closed after it.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: config.HEADER_LIMIT },
    frameworkErrors: (error, request, reply) => {
      log.started(request, reply)
      identify(request, reply, { config, headers, tracing })
      if (tracing !== undefined) follow(tracing, request, reply)
      limiter?.consume(clientKey(request.client.address))
      answerError(error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, headers, refusedAt(socket))
  })
  limitConnectionTime(app.server, config)
  const fresh = guardConnections(app.server, {
    limits: connections,
    trusted: config.TRUST_PROXY,
    proxyProtocolFrom: config.PROXY_PROTOCOL === 'on' ? config.TRUST_PROXY : undefined,
    headerTimeout: config.HANDSHAKE_TIMEOUT_MS,
    refused: (reason, client) => {
      counts.refusedConnections.add(reason)
      logger.info({ client, reason }, 'connection refused')
    }
  })
  app.server.on('connect', ({ socket }: IncomingMessage, to: Socket | Http2ServerResponse) => {
    answerConnect(to, headers, refusedAt(socket))
  })
  answerExpectations(app, config.BODY_LIMIT)
  await app.register(drain, { fresh, fast })
  await app.register(accessLog, { log })
  await app.register(identity, { config, headers, tracing })
  await app.register(requestSpans, { tracing })
  await app.register(clientCertificate, { mode: clientAuth, authority: parts.clientAuthority })
  await app.register(rateLimit, { limiter })
  await app.register(requireCertificate, { mode: clientAuth, exempt: config.CLIENT_AUTH_EXEMPT })
  await app.register(arrivalLimits, { config })
  await app.register(hygiene, { config })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    reply.header('allow', publicMethods.join(', '))
    return answerError(new MethodNotAllowed(request.method), request, reply)
  })
  return app
}

/** Answers any error with the contract's body; only what is the gateway's own fault is logged as an error. */
function answerError (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = publicError(error)
  request.errorCode = told.code
  if (told.statusCode === 500) request.log.error({ err: error }, 'internal error')
  else if (told !== error && told.statusCode > 500) request.log.warn({ err: error, code: told.code }, 'upstream failed')
  // An answer that broke off before its first byte went out leaves nothing of itself.
  for (const name of request.upstreamHeaders ?? []) reply.removeHeader(name)
  if (told.statusCode === 503) reply.header('retry-after', '1')
  if (leavesLongBody(request)) reply.header('connection', 'close')
  return reply.code(told.statusCode).type('application/json; charset=utf-8').send(errorBody(told, request.id))
}

// What is read away after a refusal rather than ending the connection for it.
const shortBody = 65536

/**
 * Whether a body that was refused unread is still to come, and is long or of unknown length: the connection then ends
 * with the answer.
 */
function leavesLongBody ({ raw, headers }: FastifyRequest): boolean {
  if (raw.httpVersionMajor !== 1 || raw.complete) return false
  return 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > shortBody
}
