import createError from '@fastify/error'

/*
 * What a client may be told: one class a code of the contract. The sentence is the constructor's argument; it names the
 * field, what came and what is taken, and never a stack, host, port, file or library.
 */
export const BadRequestError = createError<[string]>('BAD_REQUEST', '%s', 400)
// Without a stack, which nobody reads: a batch may hold thousands of these.
export const InvalidInputError = createError<[string]>('INVALID_INPUT', '%s', 400, Error, false)
export const InvalidJsonError = createError<[string]>('INVALID_JSON', '%s', 400, Error, false)
export const NotFoundError = createError('NOT_FOUND', 'there is nothing at this path', 404)
export const MethodNotAllowedError = createError<[string, string]>('METHOD_NOT_ALLOWED', 'this path takes %s; got %s', 405)
export const RequestTimeoutError = createError('REQUEST_TIMEOUT', 'the request took too long to arrive', 408)
export const BodyTooLargeError = createError<[number]>('BODY_TOO_LARGE', 'the body must be at most %d bytes', 413)
export const TooManyRowsError = createError<[number]>('BODY_TOO_LARGE', 'the body must hold at most %d rows', 413)
export const UnsupportedMediaTypeError = createError<[string]>('UNSUPPORTED_MEDIA_TYPE', '%s', 415)
export const HeadersTooLargeError = createError('HEADERS_TOO_LARGE', 'the request line and headers are too large', 431)
export const InternalError = createError('INTERNAL', 'internal error', 500)
export const OverloadedError = createError('OVERLOADED', 'too many rows are waiting; try again later', 503, Error, false)

const publicErrors = [
  BadRequestError, InvalidInputError, InvalidJsonError, NotFoundError, MethodNotAllowedError, RequestTimeoutError,
  BodyTooLargeError, TooManyRowsError, UnsupportedMediaTypeError, HeadersTooLargeError, InternalError, OverloadedError
]

/** The codes of all of them. */
export const errorCodes: readonly string[] = publicErrors.map((Kind) => new (Kind as new (...words: unknown[]) => Error & { code: string })('').code)

/** An error whose message, code and status the client may see. */
export interface PublicError { readonly message: string, readonly code: string, readonly statusCode?: number }

/** Whether `error` was made by one of the classes above, whose words are fit for a client. */
export function isPublic (error: unknown): error is PublicError {
  return publicErrors.some((kind) => error instanceof kind)
}

/**
 * The body of every refusal and failure.
 * @param requestId the id that the response's `x-request-id` carries
 */
export function errorBody (error: PublicError, requestId: string): { error: string, code: string, requestId: string } {
  return { error: error.message, code: error.code, requestId }
}

/** A reason not to start, as one sentence for the operator: shown without a stack, exit code 1. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}

/** The environment holds values that the service does not take; all of them are in the message. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError'
}

interface ModelErrorOptions extends ErrorOptions {
  /** Where the model is: the message begins with it. */
  folder?: string
  /** For operators on this machine, in place of the first mistake. */
  message?: string
  /** Nothing is said of the model itself: reading it may go well the next time. */
  isPassing?: boolean
}

/**
 * A model that must not serve, and all that is known to be wrong with it. The mistakes name file and field but no folder of
 * this machine, so that they are fit to leave the service; the message, for the log, does.
 */
export class ModelError extends StartError {
  override readonly name = 'ModelError'
  readonly mistakes: readonly string[]
  readonly isPassing: boolean

  constructor (mistakes: string | readonly string[], { folder, message, isPassing = false, cause }: ModelErrorOptions = {}) {
    const list = typeof mistakes === 'string' ? [mistakes] : mistakes
    super(message ?? (folder === undefined ? list[0]! : `${folder}/${list[0]}`), { cause })
    this.mistakes = list
    this.isPassing = isPassing
  }
}
