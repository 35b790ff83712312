import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { BadRequest, HeadersTooLarge, MethodNotAllowed, RequestTimeout, errorBody } from './errors.ts'
import type { CodedError } from './errors.ts'
import { publicMethods } from './hygiene.ts'
import { newRequestId } from './request-id.ts'

/** What the parser or a timeout found wrong with a request that never became one. */
type ParseError = Error & { code?: string }

/** Node's own field: the response under way on a connection. */
type Connection = Socket & { _httpMessage?: ServerResponse | null }

function malformedRequest ({ code }: ParseError): CodedError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeout()
  return new BadRequest('The request is not valid HTTP.')
}

/**
 * Answers bytes that are no request, and ends the connection: what follows them can't be told apart from them. An answer
 * still under way for an earlier, pipelined request is finished first, or the client would take this one for it.
 * @param refused called with what the client is told, once
 */
export function answerMalformed (
  error: ParseError, socket: Connection, headers: Record<string, string>, refused: (error: CodedError, id: string) => void
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  refuse(malformedRequest(error), socket, headers, refused)
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
  afterPending(socket, () => socket.end(rawResponse(answer, id, headers)))
}

function afterPending (socket: Connection, write: () => void): void {
  const pending = socket._httpMessage
  if (pending === undefined || pending === null) return write()
  // The bad bytes are this request's own body: it is the one to be refused.
  if (!pending.req.complete) {
    if (pending.headersSent) socket.destroy()
    else write()
    return
  }
  pending.once('close', () => setImmediate(afterPending, socket, write))
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
