import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { connections } from './http/connections.ts'
import { errorAnswers } from './http/error-answers.ts'
import { exchangeDoor } from './http/exchange-door.ts'
import { jsonBody } from './http/json-body.ts'
import { byMediaType } from './http/media-type.ts'
import { noteMethods, otherMethods } from './http/other-methods.ts'
import { requestChecks } from './http/request-checks.ts'
import { serviceOptions } from './http/service-options.ts'
import type { Refusals } from './model/refusals.ts'
import { AccessLog, accessLog } from './observe/access-log.ts'
import { PredictorCounts } from './observe/metrics/counts.ts'
import { requestSpans, type Tracing } from './observe/tracing/tracing.ts'
import type { Readiness } from './readiness.ts'
import { predictExchangeRoute } from './routes/predict-exchange.ts'
import { predictLinesRoute } from './routes/predict-lines.ts'
import { predictRoute } from './routes/predict.ts'
import { statusRoutes } from './routes/status.ts'
import type { ModelsInService } from './serving.ts'

/** What the serving port is built from. */
export interface PredictorParts {
  models: ModelsInService
  /** Who gives none refuses none. */
  refusals?: Refusals
  readiness: Readiness
  logger: FastifyBaseLogger
  batches: Config['batches']
  /** None: no spans. */
  tracing?: Tracing | undefined
  /** Who gives none reads no metrics. */
  counts?: PredictorCounts
}

/** What gateways and orchestrators ask every second. */
const probes = new Set(['/v2/health/live', '/v2/health/ready'])

/** The serving port's application: top-down, what a request meets. It does not listen yet. */
export function buildPredictor (
  { models, refusals = { total: 0 }, readiness, logger, batches, tracing, counts = new PredictorCounts() }: PredictorParts
): FastifyInstance {
  const log = new AccessLog({ logger, counts, probes })
  const app: FastifyInstance = Fastify(serviceOptions(logger, log))
  // Fastify reads text/plain by default; here it is 415.
  app.removeContentTypeParser('text/plain')
  app.addConstraintStrategy(byMediaType)
  app.register(connections, { readiness })
  app.register(exchangeDoor, { log })
  app.register(accessLog, { log })
  app.register(requestSpans, { tracing })
  app.register(errorAnswers)
  app.register(requestChecks)
  app.register(jsonBody)
  const methods = noteMethods(app)
  app.register(statusRoutes, { readiness, models, refusals })
  app.register(predictRoute, { models })
  app.register(predictLinesRoute, { models, sliceMax: Math.min(batches.executionMax, batches.queueMax), rowsMax: batches.rowsMax })
  app.register(predictExchangeRoute, { models, itemsMax: batches.queueMax, tracing })
  app.register(otherMethods, { methods })
  return app
}
