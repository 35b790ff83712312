import Fastify, { type FastifyInstance } from 'fastify'
import type { PredictorParts } from './app.ts'
import { connections } from './http/connections.ts'
import { errorAnswers } from './http/error-answers.ts'
import { noteMethods, otherMethods } from './http/other-methods.ts'
import { requestChecks } from './http/request-checks.ts'
import { serviceOptions } from './http/service-options.ts'

/** The admin port's application, for probes and operators: `/healthz` and `/readyz`. Never proxied. */
export function buildAdmin ({ model, readiness, logger }: PredictorParts): FastifyInstance {
  const app: FastifyInstance = Fastify(serviceOptions(logger))
  app.register(connections, { readiness })
  app.register(errorAnswers)
  app.register(requestChecks)
  const methods = noteMethods(app)
  const { name, version } = model.signature
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    if (!readiness.ready) reply.code(503)
    return { status: readiness.ready ? 'ready' : 'draining', model: { name, version }, backend: model.backend }
  })
  app.register(otherMethods, { methods })
  return app
}
