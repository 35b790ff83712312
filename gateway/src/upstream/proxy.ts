import type { Readable } from 'node:stream'
import fastifyHttpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { publicMethods } from '../hygiene.ts'
import { bodyMemory } from '../limits/body-memory.ts'
import type { BodyMemory } from '../limits/body-memory.ts'
import { clientKey } from '../limits/client-key.ts'
import { publicError } from '../errors.ts'
import { travel, travelsTogether } from './coalesce.ts'
import type { Coalescer } from './coalescer.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { UpstreamPool } from './pool.ts'
import { callOf } from './request-errand.ts'
import { Trip } from './trip.ts'
import { UnreadAnswers } from './unread-answers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Names of the headers that came with the upstream's answer, when there was one. */
    upstreamHeaders: string[] | undefined
    /** Its way to an upstream, when it was sent to one. */
    trip: Trip | undefined
  }
}

interface ProxyOptions {
  config: Config
  upstreams: UpstreamPool
  /** The port clients see. */
  publicPort: () => number
  /** Headers the gateway sets on every answer; the upstream's of the same name are dropped. */
  ownHeaders: Record<string, string>
  /** Where bodies are held. */
  memory: BodyMemory
  /** Those that take the requests to a target. */
  coalesced: ReadonlyMap<string, Coalescer>
}

/**
 * Passes every request to an upstream. Bodies are read whole first, up to `BODY_LIMIT`: a slow client then never holds an
 * upstream, and what was refused as too large never reached it.
 */
export async function proxy (app: FastifyInstance, options: ProxyOptions): Promise<void> {
  const { config, upstreams, publicPort, ownHeaders, memory, coalesced } = options
  app.decorateRequest('upstreamHeaders', undefined)
  app.decorateRequest('trip', undefined)
  await app.register(bodyMemory, { memory })
  const unread = new UnreadAnswers(memory, () => upstreams.waiting > 0)
  upstreams.onWaiting = () => unread.giveWay()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: config.BODY_LIMIT }, (_request, body, done) => done(null, body))
  await app.register(fastifyHttpProxy, {
    upstream: config.PREDICTOR_URL[0]!,
    undici: upstreams as never,
    httpMethods: [...publicMethods],
    proxyPayloads: false,
    disableRequestLogging: true,
    replyOptions: {
      // Never by reply-from: it would retry a GET on 503 eleven times.
      retryDelay: () => null,
      onResponse: (_request, reply, response) => send(reply as unknown as FastifyReply, response as unknown as Answer, unread),
      rewriteHeaders: (headers, request) => {
        const returned = responseHeaders(headers as never, ownHeaders)
        if (request !== undefined) (request as unknown as FastifyRequest).upstreamHeaders = Object.keys(returned)
        return returned as never
      },
      onError: (reply, { error }) => fail(reply as unknown as FastifyReply, error.cause ?? error)
    },
    handler: (request, reply, destination, options) => {
      const plain = () => {
        const trip = request.trip = new Trip()
        return reply.from(destination, {
          ...options,
          ...body(request),
          rewriteRequestHeaders: (_request, headers) => ({
            ...requestHeaders(request, publicPort()),
            ...framing(request, headers),
            [callOf]: { signal: clientGone(reply), trip, failed: (error: Error) => fail(reply, error) }
          }) as never
        })
      }
      const coalescer = request.method === 'POST' ? coalesced.get(request.raw.url!) : undefined
      if (coalescer === undefined || !travelsTogether(request, coalescer)) return plain()
      travel(request, reply, coalescer, plain)
      return reply
    }
  })
}

interface Answer { statusCode: number, stream: Readable }

/** Passes an answer's body on. A 204 or 304 has none, whatever its Content-Length says (RFC 9110 §8.6). */
function send (reply: FastifyReply, { statusCode, stream }: Answer, unread: UnreadAnswers): void {
  if (statusCode !== 204 && statusCode !== 304) {
    reply.send(unread.keep(stream, clientKey(reply.request.client.address)))
    return
  }
  stream.on('error', () => {}).resume()
  reply.removeHeader('content-length')
  reply.send()
}

/** reply-from would send an object as JSON; the body goes on byte for byte. */
function body ({ body }: FastifyRequest) {
  return Buffer.isBuffer(body) ? { body, contentType: 'application/octet-stream' } : {}
}

/** The body's length and type: the length of what is sent, the type as the client gave it. */
function framing (request: FastifyRequest, headers: Record<string, unknown>): Record<string, unknown> {
  if (!Buffer.isBuffer(request.body)) return { 'content-length': undefined }
  return { 'content-length': headers['content-length'], 'content-type': request.headers['content-type'] }
}

/** Aborts when the client went away before it had its answer. */
function clientGone (reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  // Not `request.signal`, which fires when the request's body has been read (fastify#7033).
  reply.raw.once('close', () => { if (!reply.raw.writableFinished) gone.abort() })
  return gone.signal
}

function fail (reply: FastifyReply, error: unknown): void {
  if (reply.raw.destroyed || (error as Error).name === 'AbortError') return
  const { code } = publicError(error)
  reply.log.warn({ err: error, code }, 'upstream failed')
  reply.send(error)
}
