import Fastify, { type FastifyInstance } from 'fastify'
import type { PredictorParts } from './app.ts'
import { AccessLog, accessLog } from './observe/access-log.ts'
import { createMetrics } from './observe/metrics.ts'
import { PredictorCounts } from './observe/metrics/counts.ts'
import { connections } from './http/connections.ts'
import { errorAnswers } from './http/error-answers.ts'
import { noteMethods, otherMethods } from './http/other-methods.ts'
import { requestChecks } from './http/request-checks.ts'
import { serviceOptions } from './http/service-options.ts'

/** The admin port's application, for probes, operators and Prometheus: `/healthz`, `/readyz`, `/metrics`. Never proxied. */
export function buildAdmin (
  { models, refusals = { total: 0 }, readiness, logger, counts = new PredictorCounts() }: PredictorParts
): FastifyInstance {
  const log = new AccessLog({ logger, probes: 'all' })
  const app: FastifyInstance = Fastify(serviceOptions(logger, log))
  app.register(accessLog, { log })
  app.register(connections, { readiness })
  app.register(errorAnswers)
  app.register(requestChecks)
  const methods = noteMethods(app)
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    if (!readiness.ready) reply.code(503)
    const { signature: { name, version }, backend } = models.current.model
    return { status: readiness.ready ? 'ready' : 'draining', model: { name, version, refused: refusals.current }, backend }
  })
  const metrics = createMetrics(counts, { models, refusals })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  app.register(otherMethods, { methods })
  return app
}
