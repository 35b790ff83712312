import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { BodyMemory } from '../limits/body-memory.ts'
import type { RateLimiter } from '../limits/plugin-store.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { Tracing } from '../observe/tracing/tracing.ts'

/** What all requests of the fast path share. */
export interface FastLane {
  logger: FastifyBaseLogger
  log: AccessLog
  limiter: RateLimiter | undefined
  memory: BodyMemory
  /** The security headers of every answer, names and values by turns. */
  headers: readonly string[]
  isDraining: () => boolean
  /** None: no spans. */
  tracing: Tracing | undefined
  /** The usual way. */
  handler: (request: IncomingMessage, response: ServerResponse) => void
}
