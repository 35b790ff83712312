import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { BadRequestError, errorBody, HeadersTooLargeError, type PublicError, RequestTimeoutError } from '../errors.ts'

/**
 * Answers bytes that never became a request (Node's `clientError`): the contract's body, written by hand because no
 * response object exists, and the connection closed because the parser has lost its place in the stream.
 * @param refused told of the answer, and of the one under way if there is one; returns the id of the request
 */
export function answerClientError (
  error: NodeJS.ErrnoException, socket: Socket, refused: (answer: PublicError, underWay: ServerResponse | undefined) => string
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const refusal = refusalFor(error.code)
  const requestId = refused(refusal, responseOn(socket))
  const body = JSON.stringify(errorBody(refusal, requestId))
  socket.end([
    `HTTP/1.1 ${refusal.statusCode} ${STATUS_CODES[refusal.statusCode!]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    body
  ].join('\r\n'))
}

function refusalFor (code: string | undefined): PublicError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLargeError()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError()
  return new BadRequestError('the request is not valid HTTP')
}

/**
 * Whether the socket is in the middle of another answer: its head is out, or it belongs to a pipelined request that has
 * arrived whole. Bytes written now would be taken for that answer. Node's own handler looks at the same field.
 */
function isAnswering (socket: Socket): boolean {
  const response = responseOn(socket)
  return response !== undefined && (response.headersSent || response.req.complete)
}

function responseOn (socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}
