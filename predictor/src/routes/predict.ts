import type { FastifyInstance } from 'fastify'
import type { ModelsInService } from '../serving.ts'

/** `POST /predict`: one row in, its label out, under the field names that the model's signature declares. */
export async function predictRoute (app: FastifyInstance, { models }: { models: ModelsInService }): Promise<void> {
  app.post('/predict', async ({ body, watch }, reply) => {
    // A request without a body and type has none at all.
    const [prediction] = await models.current.predict([body ?? null], 'single', watch)
    if ('error' in prediction!) throw prediction.error
    reply.header('content-type', 'application/json; charset=utf-8')
    return prediction!.body
  })
}
