import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { BadRequest, HeadersTooLarge, MethodNotAllowed, RequestTimeout, errorBody } from './errors.ts'
import type { CodedError } from './errors.ts'
import { publicMethods } from './hygiene.ts'
import { failArrival } from './limits/arrival.ts'
import { newRequestId } from './request-id.ts'

/** What the parser or a timeout found wrong with a request that never became one. */
type ParseError = Error & { code?: string }

/** Node's own fields: the response under way on a connection, and the request whose end the parser has not seen yet. */
type Connection = Socket & {
  _httpMessage?: ServerResponse | null
  parser?: { incoming: IncomingMessage | null } | null
}

function malformedRequest ({ code }: ParseError): CodedError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeout()
  return new BadRequest('The request is not valid HTTP.')
}

/**
 * Answers bytes that are no request, and ends the connection: what follows them can't be told apart from them. An answer
 * still under way for an earlier, pipelined request is finished first, or the client would take this one for it.
 * @param refused called with what the client is told, once; not for a request that is logged as such
 */
export function answerMalformed (
  error: ParseError, socket: Connection, headers: Record<string, string>, refused: (error: CodedError, id: string) => void
): void {
  // A browser connects before it knows what to ask; an answer to nothing could be taken for one to what it asks just now.
  const neverAsked = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
  // A record that can't be decrypted, or a certificate whose signature was wrong, says nothing of HTTP.
  const belowHttp = error.code === 'ECONNRESET' || error.code?.startsWith('ERR_SSL_') === true
  if (belowHttp || !socket.writable || neverAsked) {
    socket.destroy()
    return
  }
  const incoming = socket.parser?.incoming ?? undefined
  if (incoming === undefined || incoming.complete) return refuse(malformedRequest(error), socket, headers, refused)
  if (!failArrival(incoming, malformedRequest(error))) endWithoutBody(incoming, socket)
}

/** The rest of this request's body interests nobody: it gets its own answer, had it already or soon, and the connection ends. */
function endWithoutBody (request: IncomingMessage, socket: Connection): void {
  const answer = socket._httpMessage
  discardInput(socket)
  if (answer?.req === request && !answer.headersSent) answer.shouldKeepAlive = false
  else afterPending(socket, () => socket.end())
}

/** CONNECT never becomes a request either: Node hands out the bare connection, or the HTTP/2 response. */
export function answerConnect (
  to: Connection | Http2ServerResponse, headers: Record<string, string>, refused: (error: CodedError, id: string) => void
): void {
  const answer = new MethodNotAllowed('CONNECT')
  const allow = { ...headers, allow: publicMethods.join(', ') }
  if (!('stream' in to)) return refuse(answer, to, allow, refused)
  const id = newRequestId()
  refused(answer, id)
  to.writeHead(answer.statusCode, { ...allow, 'x-request-id': id, 'content-type': contentType })
  to.end(JSON.stringify(errorBody(answer, id)))
}

function refuse (
  answer: CodedError, socket: Connection, headers: Record<string, string>, refused: (error: CodedError, id: string) => void
): void {
  const id = newRequestId()
  refused(answer, id)
  discardInput(socket)
  afterPending(socket, () => socket.end(rawResponse(answer, id, headers)))
}

function afterPending (socket: Connection, write: () => void): void {
  const pending = socket._httpMessage
  if (pending === undefined || pending === null) return write()
  pending.once('close', () => setImmediate(afterPending, socket, write))
}

/**
 * What the client still sends is read away until it has closed its side, for a moment: a connection closed over unread
 * bytes is reset, and the answer lost with it (RFC 9112 §9.6). The parser gets none of it: there is to be no other request.
 */
export function discardInput (socket: Socket): void {
  socket.removeAllListeners('data')
  socket.on('data', () => {})
  socket.resume()
}

const contentType = 'application/json; charset=utf-8'

function rawResponse (error: CodedError, id: string, headers: Record<string, string>): string {
  const body = JSON.stringify(errorBody(error, id))
  const fields = {
    ...headers,
    'x-request-id': id,
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close'
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${error.statusCode} ${STATUS_CODES[error.statusCode]}\r\n${lines.join('')}\r\n${body}`
}
