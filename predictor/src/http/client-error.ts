import { randomUUID } from 'node:crypto'
import { type OutgoingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { BadRequestError, errorBody, HeadersTooLargeError, type PublicError, RequestTimeoutError } from '../errors.ts'

/**
 * Answers bytes that never became a request (Node's `clientError`): the contract's body, written by hand because no
 * response object exists, and the connection closed because the parser has lost its place in the stream.
 */
export function answerClientError (error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const refusal = refusalFor(error.code)
  const requestId = randomUUID()
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
  const response = (socket as { _httpMessage?: OutgoingMessage & { req?: { complete: boolean } } })._httpMessage
  return response != null && (response.headersSent || response.req?.complete === true)
}
