import type { FastifyInstance } from 'fastify'
import { answerItemError } from '../http/error-answers.ts'
import type { ExchangeOptions } from '../http/exchange-route.ts'
import { exchangeRoute } from '../http/exchange-route.ts'
import { parseJson } from '../http/json-body.ts'
import type { Predict } from './predictions.ts'

/** Exchanges of `POST /predict` requests: one execution answers all of them. */
export async function predictExchangeRoute (
  app: FastifyInstance, { predict, itemsMax }: { predict: Predict, itemsMax: number }
): Promise<void> {
  const answer: ExchangeOptions['answer'] = async (items) => {
    const predictions = await predict(items.map(({ body }) => parseJson(body.toString('utf8'))))
    return predictions.map((prediction, i) => 'error' in prediction
      ? answerItemError(prediction.error, app.log, items[i]!)
      : { status: 200, body: prediction.body })
  }
  await app.register(exchangeRoute, { url: '/predict', itemsMax, answer })
}
