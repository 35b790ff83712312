import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Readable } from 'node:stream'
import type { Config } from '../config.ts'
import { BadRequest, HeadersTooLarge, UriTooLong } from '../errors.ts'

/** Unset: the request's hooks have not come this far; an error: what went wrong before they did; true: they have. */
const arrival = Symbol('arrival')
type Arriving = Readable & { [arrival]?: Error | true }

/**
 * Whether a request's body is to be read at all: not when something went wrong with it already, nor when its head is too
 * large.
 *
 * The target may fill half of `HEADER_LIMIT`, so that one that is too long is told from headers that are: past the limit
 * as a whole Node refuses both alike. HTTP/2 headers are measured here because a limit binds a client only once it has
 * acknowledged it (RFC 9113 §6.5.3), and one that does not may send 128 headers of any length.
 */
async function arrivalPlugin (app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  const longestTarget = Math.floor(config.HEADER_LIMIT / 2)
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const before = arrive(raw)
    if (before !== undefined) return done(before)
    if (raw.url!.length > longestTarget) return done(new UriTooLong())
    if (!('stream' in raw)) return done()
    announceBody(raw as never)
    // After all frames that came with it: what its client resets at once costs its count and nothing else (CVE-2023-44487).
    setImmediate(() => done(http2Problem(raw as never, config.HEADER_LIMIT)))
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    // Connections are HTTP/1.1's matter (RFC 9113 §8.2.2).
    if (request.raw.httpVersionMajor === 2) reply.removeHeader('connection')
    done()
  })
}

export const arrivalLimits = fp(arrivalPlugin, { name: 'arrival-limits', dependencies: ['rate-limit'] })

/**
 * In HTTP/2 no header needs to say that a body comes (RFC 9113 §8.1); Fastify would take a request without Content-Type,
 * Content-Length and Transfer-Encoding for one without a body, and the body would be lost. Said in HTTP/1.1's words, which
 * an HTTP/2 request can't hold itself, and which go no further than this gateway.
 */
function announceBody ({ stream, headers }: Http2ServerRequest): void {
  if (!stream.endAfterHeaders && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked'
}

/**
 * Says that from now on what goes wrong with a request's body is its reader's matter.
 * @returns what went wrong before
 */
export function arrive (request: IncomingMessage | Http2ServerRequest): Error | undefined {
  const before = (request as Arriving)[arrival];
  (request as Arriving)[arrival] = true
  return before instanceof Error ? before : undefined
}

/** Whether something went wrong with a request before anybody looked at it. */
export function hasFailed (request: IncomingMessage): boolean {
  return (request as Arriving)[arrival] instanceof Error
}

function http2Problem ({ stream, rawHeaders }: Http2ServerRequest, headerLimit: number): Error | undefined {
  if (stream.destroyed) return new BadRequest('The request was taken back.')
  let length = 0
  for (const text of rawHeaders) length += text.length
  return length > headerLimit ? new HeadersTooLarge() : undefined
}

/**
 * Lets the arrival of a request's body fail, so that the request itself is answered with the error, and once.
 * @returns false when nobody waits for the body (any more)
 */
export function failArrival (request: IncomingMessage | Http2ServerRequest, error: Error): boolean {
  if (request.listenerCount('error') > 0) {
    request.emit('error', error)
    return true
  }
  const arriving = request as Arriving
  if (arriving[arrival] !== undefined) return false
  arriving[arrival] = error
  return true
}
