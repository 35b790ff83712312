import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { drain } from './drain.ts'
import { ownLinesOff } from './observe/access-log.ts'

export interface AdminParts {
  logger: FastifyBaseLogger
  /** Whether requests can be served now. */
  isReady: () => boolean
}

/** The private port, never proxied: what the platform asks. */
export function buildAdmin ({ logger, isReady }: AdminParts): FastifyInstance {
  const app: FastifyInstance = Fastify({ loggerInstance: logger, logController: ownLinesOff })
  app.register(drain)
  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', (_request, reply) => {
    const ready = isReady()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' })
  })
  return app
}
