import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BadRequestError, UnsupportedMediaTypeError } from '../errors.ts'
import { quote } from '../quote.ts'

/** What holds before a route is asked: the request's id is on the answer, it has a Host, its body is not compressed. */
export const requestChecks = fp(async (app: FastifyInstance) => {
  // Callbacks, not promises: these run for every request.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done(mistakeIn(request.raw))
  })
  // RFC 9110, 10.1.1: an expectation that is not understood may be ignored. Node's own 417 has no body.
  app.server.on('checkExpectation', (request, response) => { app.server.emit('request', request, response) })
}, { name: 'request-checks', fastify: '5.x' })

function mistakeIn ({ headers, httpVersionMinor }: IncomingMessage): Error | undefined {
  // RFC 9112, 3.2: HTTP/1.1 without Host is a bad request.
  if (headers.host === undefined && httpVersionMinor === 1) return new BadRequestError('the Host header is required')
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined
  return new UnsupportedMediaTypeError(`the body must not have a content-encoding; got ${quote(encoding)}`)
}
