import type { FastifyInstance } from 'fastify'
import { answerItemError } from '../http/error-answers.ts'
import { exchangeRoute } from '../http/exchange-route.ts'
import { parseJson } from '../http/json-body.ts'
import type { AnswerItems, Tracing } from '../observe/tracing/tracing.ts'
import type { ModelsInService } from '../serving.ts'

/** Exchanges of `POST /predict` requests: one execution answers all of them. */
export async function predictExchangeRoute (
  app: FastifyInstance, { models, itemsMax, tracing }: { models: ModelsInService, itemsMax: number, tracing?: Tracing | undefined }
): Promise<void> {
  const url = '/predict'
  const answer: AnswerItems = async (items, watch) => {
    const bodies = items.map(({ body }) => parseJson(body.toString('utf8')))
    const predictions = await models.current.predict(bodies, 'single', watch)
    return predictions.map((prediction, i) => 'error' in prediction
      ? answerItemError(prediction.error, app.log, items[i]!)
      : { status: 200, body: prediction.body })
  }
  await app.register(exchangeRoute, { url, itemsMax, answer: tracing?.around(answer, url) ?? answer })
}
