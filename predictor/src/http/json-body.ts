import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidJsonError } from '../errors.ts'

/** Reads every `application/json` body with `parseJson`, so that a body alone and one among many are read alike. */
export const jsonBody = fp(async (app: FastifyInstance) => {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    const value = parseJson(text as string)
    if (value instanceof InvalidJsonError) done(value)
    else done(null, value)
  })
}, { name: 'json-body', fastify: '5.x' })

/**
 * A JSON text's value, which may be anything. Keys such as `__proto__` become plain own properties, which nothing reads.
 * @returns an InvalidJsonError where the text is not JSON; it is not thrown, because in a batch it is an answer like others
 */
export function parseJson (text: string): unknown {
  if (text.length === 0) return new InvalidJsonError('the body must be JSON; got nothing')
  const { stackTraceLimit } = Error
  try {
    // Collecting a stack takes longer than the parsing does.
    Error.stackTraceLimit = 0
    // RFC 8259, 8.1: a byte order mark may be ignored.
    return JSON.parse(text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text)
  } catch {
    return new InvalidJsonError('the body must be JSON; it could not be parsed')
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
