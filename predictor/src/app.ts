import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { connections } from './http/connections.ts'
import { errorAnswers } from './http/error-answers.ts'
import { noteMethods, otherMethods } from './http/other-methods.ts'
import { requestChecks } from './http/request-checks.ts'
import { serviceOptions } from './http/service-options.ts'
import type { LoadedModel } from './model/load.ts'
import type { Readiness } from './readiness.ts'
import { predictRoute } from './routes/predict.ts'
import { statusRoutes } from './routes/status.ts'

/** What the serving port is built from. */
export interface PredictorParts { model: LoadedModel, readiness: Readiness, logger: FastifyBaseLogger }

/** The serving port's application: top-down, what a request meets. It does not listen yet. */
export function buildPredictor ({ model, readiness, logger }: PredictorParts): FastifyInstance {
  const app: FastifyInstance = Fastify(serviceOptions(logger))
  // Fastify reads text/plain by default; here it is 415.
  app.removeContentTypeParser('text/plain')
  app.register(connections, { readiness })
  app.register(errorAnswers)
  app.register(requestChecks)
  const methods = noteMethods(app)
  app.register(statusRoutes, { readiness })
  app.register(predictRoute, { model })
  app.register(otherMethods, { methods })
  return app
}
