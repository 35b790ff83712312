import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { ExchangeItem, ItemAnswer } from '../../http/exchange.ts'
import type { BodyWatch } from '../../inference/predictions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Told of the request's executions, when its trace is recorded. */
    watch: BodyWatch | undefined
  }
}

/** Where spans go: any OTLP/HTTP collector that takes JSON. */
export interface Collector {
  /** `/v1/traces` is added to it. */
  readonly endpoint: string
  readonly headers: Record<string, string>
}

/** Answers the items of an exchange. */
export type AnswerItems = (items: readonly ExchangeItem[], watch?: BodyWatch) => Promise<ItemAnswer[]>

/** Spans of what callers want recorded, exported over OTLP. There is none unless a collector is configured. */
export interface Tracing {
  /** Records a request when it is over, if its `traceparent` says so. */
  follow (request: FastifyRequest, reply: FastifyReply): void
  /** The same for the items of exchanges: `answer`, with spans around it. */
  around (answer: AnswerItems, path: string): AnswerItems
  /** Exports what is still queued; resolves when it is, or when the time comes. @param by on the clock of `performance.now()` */
  close (by: number): Promise<void>
}

/** Tracing to a collector, if there is one. */
export async function startTracing (collector: Collector | undefined, logger: FastifyBaseLogger): Promise<Tracing | undefined> {
  if (collector === undefined) return undefined
  // A file of its own in the build: who does not trace never reads it.
  const { createTracing } = await import('./otlp.ts')
  return createTracing(collector, logger)
}

/** Spans of each request that its caller records. */
export const requestSpans = fp(async (app: FastifyInstance, { tracing }: { tracing: Tracing | undefined }) => {
  app.decorateRequest('watch', undefined)
  if (tracing === undefined) return
  app.addHook('onRequest', (request, reply, done) => {
    tracing.follow(request, reply)
    done()
  })
}, { name: 'request-spans', fastify: '5.x' })
