import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { drain } from './drain.ts'
import { adminLog, ownLinesOff } from './observe/access-log.ts'

export interface AdminParts {
  logger: FastifyBaseLogger
  /** Whether requests can be served now. */
  isReady: () => boolean
  metrics: Registry
}

/** The private port, never proxied: what the platform asks. */
export function buildAdmin ({ logger, isReady, metrics }: AdminParts): FastifyInstance {
  const app: FastifyInstance = Fastify({ loggerInstance: logger, logController: ownLinesOff })
  app.register(drain)
  app.register(adminLog)
  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', (_request, reply) => {
    const ready = isReady()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' })
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  return app
}
