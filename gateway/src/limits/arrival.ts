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
 * What a request's head must be for its body to be read: no longer than it may, and still wanted.
 *
 * The target may fill half of `HEADER_LIMIT`, so that one that is too long is told from headers that are: past the limit
 * as a whole Node refuses both alike. HTTP/2 headers are measured here because a client's limit binds it only once it has
 * acknowledged it (RFC 9113 §6.5.3), and one that does not may send 128 headers of any length.
 */
async function arrivalPlugin (app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  const longestTarget = Math.floor(config.HEADER_LIMIT / 2)
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const before = (raw as Arriving)[arrival];
    (raw as Arriving)[arrival] = true
    if (before instanceof Error) return done(before)
    if (raw.url!.length > longestTarget) return done(new UriTooLong())
    if (raw.httpVersionMajor === 2) return done(http2Problem(raw, config.HEADER_LIMIT))
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    // Connections are HTTP/1.1's matter (RFC 9113 §8.2.2).
    if (request.raw.httpVersionMajor === 2) reply.removeHeader('connection')
    done()
  })
}

export const arrivalLimits = fp(arrivalPlugin, { name: 'arrival-limits', dependencies: ['rate-limit'] })

function http2Problem (raw: IncomingMessage, headerLimit: number): Error | undefined {
  const { stream, rawHeaders } = raw as unknown as Http2ServerRequest
  // Reset before it was looked at: it has been counted, and nobody upstream needs to work for it (CVE-2023-44487).
  if (stream !== undefined && stream.destroyed) return new BadRequest('The request was taken back.')
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
