import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Node's own field: the answer that is next on a connection. */
type Connection = Socket & { _httpMessage?: ServerResponse | null }

/** Requests of one HTTP/1.1 connection that may be unanswered at a time: as many as streams of one HTTP/2 connection. */
const mostUnanswered = 100

interface Line { unanswered: number, last: ServerResponse }

/**
 * Bounds the requests that a client sends without waiting for answers (pipelining). Node reads on for as long as nothing was
 * answered: a client that sends requests for a second and reads nothing would have them by the hundred thousand in memory.
 * Past the bound the connection ends with the answer to the last request taken; what follows is read by nobody.
 * Requests that come alone cost a look at a field.
 * @param discardInput stops the parser of a connection
 */
export function limitPipelining (listener: RequestListener, discardInput: (socket: Socket) => void): RequestListener {
  const lines = new WeakMap<Socket, Line>()
  return (request: IncomingMessage, response: ServerResponse) => {
    const socket: Connection = request.socket
    if ('stream' in request || socket._httpMessage === response) return listener(request, response)
    const line = lines.get(socket) ?? { unanswered: 1, last: response }
    if (line.unanswered >= mostUnanswered) {
      if (line.last.shouldKeepAlive) {
        line.last.shouldKeepAlive = false
        // Not while the parser is at work on the bytes that hold this request.
        setImmediate(discardInput, socket)
      }
      return
    }
    line.unanswered++
    line.last = response
    lines.set(socket, line)
    response.once('close', () => { line.unanswered-- })
    listener(request, response)
  }
}
