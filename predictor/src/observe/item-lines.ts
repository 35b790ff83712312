import type { FastifyBaseLogger } from 'fastify'
import type { RequestParts } from './access-log.ts'
import { traceIdOf } from './trace-id.ts'

/** A line for each request of an exchange: for debugging, since it costs more than the prediction does. */
export function logItems (logger: FastifyBaseLogger, route: string, { items, answers }: NonNullable<RequestParts['exchange']>): void {
  for (const [i, { requestId, traceparent, body }] of items.entries()) {
    const { status, code, body: answer } = answers[i]!
    const [bytesIn, bytesOut] = [body.length, Buffer.byteLength(answer)]
    logger.debug({ requestId, traceId: traceIdOf(traceparent), method: 'POST', route, status, code, bytesIn, bytesOut }, 'request in an exchange')
  }
}
