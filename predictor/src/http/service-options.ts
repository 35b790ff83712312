import type { IncomingMessage } from 'node:http'
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from 'fastify'
import type { Server } from 'node:http'
import type { AccessLog } from '../observe/access-log.ts'
import { answerClientError } from './client-error.ts'
import { answerFrameworkError } from './error-answers.ts'
import { keepRequestId } from './request-id.ts'

/** Bytes of a request's body; a larger one is answered with 413. */
export const bodyLimit = 1_048_576

/** Fastify's options, the same on the serving and the admin port. Times in milliseconds, sizes in bytes. */
export function serviceOptions (logger: FastifyBaseLogger, log: AccessLog): FastifyHttpOptions<Server> {
  return {
    loggerInstance: logger,
    // Two lines a request cost more than the inference; the access log is one line of our own.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }: IncomingMessage) => keepRequestId(headers['x-request-id']),
    bodyLimit,
    http: {
      // Twice the gateway's HEADER_LIMIT: what it lets in still fits with the headers that it adds.
      maxHeaderSize: 32_768,
      headersTimeout: 15_000,
      // Node looks for expired requests every 30 s unless told otherwise.
      connectionsCheckingInterval: 1000,
      // A missing Host is refused by a hook: Node's own 400 has no body and no request id.
      requireHostHeader: false
    },
    // Longer than the gateway gives its clients (30 s), so the gateway is the one that times out.
    requestTimeout: 60_000,
    // Longer than the gateway's pool keeps a connection, so that it never writes into one that was just closed.
    keepAliveTimeout: 75_000,
    // A socket without traffic. Above keepAliveTimeout, which would otherwise never be reached.
    connectionTimeout: 120_000,
    // Requests that still come over an open connection while closing are answered, with `connection: close`.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      log.started(request, reply)
      answerFrameworkError(error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, (answer, underWay) =>
      log.refused(answer, socket.remoteAddress, underWay))
  }
}
