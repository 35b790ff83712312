import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  BadRequestError, BodyTooLargeError, errorBody, InternalError, InvalidJsonError, isPublic, NotFoundError, OverloadedError,
  type PublicError, UnsupportedMediaTypeError
} from '../errors.ts'
import { quote } from '../quote.ts'
import type { ExchangeItem, ItemAnswer } from './exchange.ts'

/** Every failure in the contract's words: `{"error","code","requestId"}`, Fastify's own errors and 404 included. */
export const errorAnswers = fp(async (app: FastifyInstance) => {
  app.setErrorHandler((error, request, reply) => { answerError(error, request, reply) })
  app.setNotFoundHandler(() => { throw new NotFoundError() })
}, { name: 'error-answers', fastify: '5.x' })

/** Fastify's `frameworkErrors`: a URL that cannot be decoded reaches neither the hooks nor the error handler. */
export function answerFrameworkError (error: Error, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  answerError(error, request, reply)
}

function answerError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const told = isPublic(error) ? error : translate(error, request)
  const status = told.statusCode ?? 500
  request.errorCode = told.code
  // Fastify closes the connection after each body that it cannot take; one that was read whole leaves nothing behind.
  if (told instanceof InvalidJsonError) reply.removeHeader('connection')
  if (told instanceof OverloadedError) reply.header('retry-after', '1')
  else if (status >= 500) request.log.error({ err: error, code: told.code }, 'request failed')
  reply.code(status).send(errorBody(told, request.id))
}

type Item = Pick<ExchangeItem, 'requestId'> & Partial<ExchangeItem>

/** Answers one of several items in a request, in the words that it would have got alone. */
export function answerItemError (error: unknown, log: FastifyBaseLogger, { requestId, traceparent }: Item): ItemAnswer {
  const told = isPublic(error) ? error : new InternalError()
  const status = told.statusCode ?? 500
  if (status >= 500) log.error({ err: error, code: told.code, requestId, traceparent }, 'request failed')
  return { status, body: JSON.stringify(errorBody(told, requestId)), code: told.code }
}

/** What Fastify found wrong with a request, in our words; what is not the client's doing is "internal error". */
function translate (error: unknown, request: FastifyRequest): PublicError {
  const { code, statusCode } = error as { code?: string, statusCode?: number }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new BodyTooLargeError(request.routeOptions.bodyLimit)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new UnsupportedMediaTypeError(
        `content-type must be application/json; got ${quote(request.headers['content-type'])}`)
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new BadRequestError('the body must be as long as its content-length says')
    case 'FST_ERR_BAD_URL': return new BadRequestError('the URL holds a malformed percent-encoding')
  }
  const clientsDoing = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return clientsDoing ? new BadRequestError('the request could not be read') : new InternalError()
}
