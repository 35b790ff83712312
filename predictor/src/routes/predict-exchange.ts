import type { FastifyInstance } from 'fastify'
import { answerItemError } from '../http/error-answers.ts'
import { exchangeRoute } from '../http/exchange-route.ts'
import { parseJson } from '../http/json-body.ts'
import type { AnswerItems, Tracing } from '../observe/tracing/tracing.ts'
import type { Predict } from './predictions.ts'

/** Exchanges of `POST /predict` requests: one execution answers all of them. */
export async function predictExchangeRoute (
  app: FastifyInstance, { predict, itemsMax, tracing }: { predict: Predict, itemsMax: number, tracing?: Tracing | undefined }
): Promise<void> {
  const url = '/predict'
  const answer: AnswerItems = async (items, watch) => {
    const predictions = await predict(items.map(({ body }) => parseJson(body.toString('utf8'))), 'single', watch)
    return predictions.map((prediction, i) => 'error' in prediction
      ? answerItemError(prediction.error, app.log, items[i]!)
      : { status: 200, body: prediction.body })
  }
  await app.register(exchangeRoute, { url, itemsMax, answer: tracing?.around(answer, url) ?? answer })
}
