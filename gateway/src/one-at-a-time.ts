import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What a connection has under way: the last response begun, and how many requests wait behind it. */
interface Line { last: ServerResponse, waiting: number }

// Requests read ahead of their turn; past it nothing more is read from the connection until they have had theirs.
const mostWaiting = 16

/**
 * Requests of one HTTP/1.1 connection, one after the other. Node hands pipelined ones out all at once: a DELETE would overtake
 * the POST before it (RFC 9112 §9.3.2), and what follows an answer that ends the connection would be passed on and never be
 * answered (§9.6).
 */
export function oneAtATime (listener: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, Line>()
  return (request: IncomingMessage, response: ServerResponse) => {
    // HTTP/2 streams are independent by design.
    if ('stream' in request) return listener(request, response)
    const { socket } = request
    const line = lines.get(socket)
    if (line === undefined) {
      lines.set(socket, { last: response, waiting: 0 })
      return listener(request, response)
    }
    const previous = line.last
    line.last = response
    if (previous.closed) return listener(request, response)
    if (++line.waiting === mostWaiting) socket.pause()
    previous.once('close', () => {
      if (--line.waiting === mostWaiting - 1) socket.resume()
      if (socket.writable) listener(request, response)
    })
  }
}
