import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/**
 * `Expect: 100-continue` is answered here, not upstream (RFC 9110 §10.1.1): a body that may come is asked for; one that is
 * too long by its own word gets its refusal without being sent. Any other expectation goes the way of a request and is
 * refused there; Node alone would answer a bare 417.
 */
export function answerExpectations (server: Server, bodyLimit: number): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= bodyLimit) response.writeContinue()
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}
