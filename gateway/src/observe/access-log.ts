import { LogController } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** The contract's code of the error this request was answered with, if any. */
    errorCode: string | undefined
  }
}

/** Fastify's own two lines a request are off: they cost as much as the rest of a request (measured). */
export const ownLinesOff = new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' })

/** One line a request, when its answer is out or its client is gone. */
async function accessLogPlugin (app: FastifyInstance): Promise<void> {
  app.decorateRequest('errorCode', undefined)
  app.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply)
    done()
  })
}

export const accessLog = fp(accessLogPlugin, { name: 'access-log' })

/** Writes a request's line. The path goes without its query, which may hold what is nobody's business. */
export function logRequest (request: FastifyRequest, reply: FastifyReply): void {
  const { method, raw, errorCode } = request
  request.log.info({
    traceId: request.trace.traceId,
    client: request.client.address,
    clientCertificate: request.clientIdentity?.commonName,
    method,
    path: raw.url?.split('?', 1)[0],
    status: reply.statusCode,
    code: errorCode,
    ms: Math.round(reply.elapsedTime * 1000) / 1000,
    httpVersion: raw.httpVersion,
    aborted: reply.raw.writableEnded && !reply.raw.destroyed ? undefined : !reply.raw.writableFinished || undefined
  }, 'request')
}
