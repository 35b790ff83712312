import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests of one HTTP/1.1 connection, one after the other. Node hands pipelined ones out all at once: a DELETE would overtake
 * the POST before it (RFC 9112 §9.3.2), and what follows an answer that ends the connection would be passed on and never be
 * answered (§9.6).
 */
export function oneAtATime (listener: RequestListener): RequestListener {
  const last = new WeakMap<Socket, ServerResponse>()
  return (request: IncomingMessage, response: ServerResponse) => {
    // HTTP/2 streams are independent by design.
    if ('stream' in request) return listener(request, response)
    const { socket } = request
    const previous = last.get(socket)
    last.set(socket, response)
    if (previous === undefined || previous.closed) return listener(request, response)
    previous.once('close', () => { if (socket.writable) listener(request, response) })
  }
}
