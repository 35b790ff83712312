import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/**
 * `Expect: 100-continue` is answered here, not upstream (RFC 9110 §10.1.1), and only when the body is really wanted: whatever is
 * refused for its head is refused without its body. Any other expectation goes the way of a request and is refused there; Node
 * alone would answer a bare 417.
 */
export function answerExpectations (app: FastifyInstance, bodyLimit: number): void {
  const expecting = new WeakSet<IncomingMessage>()
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= bodyLimit) expecting.add(request)
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // Behind every hook that may refuse the request, before its body is read.
  app.addHook('preParsing', ({ raw }, reply, _payload, done) => {
    if (expecting.delete(raw)) reply.raw.writeContinue()
    done()
  })
}
