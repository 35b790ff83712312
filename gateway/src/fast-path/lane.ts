import type { FastifyBaseLogger } from 'fastify'
import type { BlockList } from 'node:net'
import type { BodyMemory } from '../limits/body-memory.ts'
import type { TimeLimits } from '../limits/connection-time.ts'
import type { RateLimiter } from '../limits/plugin-store.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { Tracing } from '../observe/tracing/tracing.ts'
import type { Coalescer } from '../upstream/coalescer.ts'
import type { FastConnection } from './fast-connection.ts'

/** What all requests of the fast path share. */
export interface FastLane {
  logger: FastifyBaseLogger
  log: AccessLog
  limiter: RateLimiter | undefined
  memory: BodyMemory
  /** The security headers of every answer, as lines. */
  headers: string
  isDraining: () => boolean
  /** None: no spans. */
  tracing: Tracing | undefined
  /** By request target. */
  coalescers: ReadonlyMap<string, Coalescer>
  /** Hosts that are served; none: all. */
  hosts: readonly string[]
  trusted: BlockList
  times: TimeLimits
  /** In bytes, of the head and of the body. */
  longest: { head: number, body: number }
  /** Told of each connection that is not the fast path's any more. */
  closed: (connection: FastConnection) => void
}
