import createError from '@fastify/error'
import { errors } from 'undici'

/** An error the gateway answers with: `code` and `message` go to the client as they stand, `cause` only to the log. */
export interface CodedError extends Error {
  code: string
  statusCode: number
}

const coded = (code: string, statusCode: number, message: string) => createError(code, message, statusCode)

export const BadRequest = coded('BAD_REQUEST', 400, '%s')
export const ClientCertificateRequired = coded('CLIENT_CERTIFICATE_REQUIRED', 403, 'This server takes requests only with a verified client certificate.')
export const NotFound = coded('NOT_FOUND', 404, 'Nothing is at this path.')
export const MethodNotAllowed = coded('METHOD_NOT_ALLOWED', 405, 'The method %s is not taken here.')
export const RequestTimeout = coded('REQUEST_TIMEOUT', 408, 'The request did not arrive in time.')
export const BodyTooLarge = coded('BODY_TOO_LARGE', 413, 'The body is larger than this server takes.')
export const UriTooLong = coded('URI_TOO_LONG', 414, 'The request target is longer than this server takes.')
export const UnsupportedMediaType = coded('UNSUPPORTED_MEDIA_TYPE', 415, 'This content type is not taken here.')
export const UnknownHost = coded('UNKNOWN_HOST', 421, 'This server does not answer for that host.')
export const RateLimited = coded('RATE_LIMITED', 429, 'Too many requests: try again in %s s.')
export const HeadersTooLarge = coded('HEADERS_TOO_LARGE', 431, 'The request line and headers are larger than this server takes.')
export const Internal = coded('INTERNAL', 500, 'The server met an error of its own.')
export const UpstreamUnreachable = coded('UPSTREAM_UNREACHABLE', 502, 'The service behind this gateway did not answer.')
export const Overloaded = coded('OVERLOADED', 503, 'The service is busy: try again shortly.')
export const UpstreamNotReady = coded('UPSTREAM_NOT_READY', 503, 'The service is not ready yet: try again shortly.')
export const UpstreamTimeout = coded('UPSTREAM_TIMEOUT', 504, 'The service behind this gateway did not answer in time.')

/** Fastify's own refusals, as the contract names them. */
const byFastifyCode: Record<string, () => CodedError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new BodyTooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new UnsupportedMediaType(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new BadRequest('The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () => new BadRequest('The request target is not a valid path.'),
  FST_ERR_MAX_LIMIT_REACHED: () => new UriTooLong()
}

const ours = new Set<unknown>([
  BadRequest, ClientCertificateRequired, NotFound, MethodNotAllowed, RequestTimeout, BodyTooLarge, UriTooLong, UnsupportedMediaType,
  UnknownHost, RateLimited, HeadersTooLarge, Internal, UpstreamUnreachable, Overloaded, UpstreamNotReady,
  UpstreamTimeout
])

/** The codes of all of them. */
export const errorCodes = [...ours].map((Kind) => new (Kind as ReturnType<typeof coded>)('').code)

/**
 * What the client is told of any error thrown on a request's way: the gateway's own errors as they are, Fastify's under
 * the contract's codes, everything else by its kind alone, so that no message from below (addresses, paths, library
 * names) gets out.
 */
export function publicError (error: unknown): CodedError {
  if (ours.has((error as Error | undefined)?.constructor)) return error as CodedError
  const { code, statusCode } = (error ?? {}) as Partial<CodedError>
  // An answer that broke off before its first byte was passed on, or never was one.
  if (error instanceof errors.UndiciError || error instanceof errors.HTTPParserError) return new UpstreamUnreachable()
  const known = code === undefined ? undefined : byFastifyCode[code]
  if (known !== undefined) return known()
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new BadRequest('The request is not valid.')
  return new Internal()
}

/** The contract's error body. */
export function errorBody (error: CodedError, requestId: string): { error: string, code: string, requestId: string } {
  return { error: error.message, code: error.code, requestId }
}
