import type { FastifyInstance } from 'fastify'
import { InvalidInputError } from '../errors.ts'
import type { LoadedModel } from '../model/load.ts'
import { answerSchema, requestSchema } from '../schemas/predict.ts'
import { overflowSentence, refusalSentence } from '../schemas/refusal.ts'

/** `POST /predict`: one row in, its label out, under the field names that the model's signature declares. */
export async function predictRoute (app: FastifyInstance, { model }: { model: LoadedModel }): Promise<void> {
  const { signature } = model
  const { request: inputField, response: labelField } = signature.predict
  app.post<{ Body: Record<string, number[]> }>('/predict', {
    schema: { body: requestSchema(signature), response: { 200: answerSchema(signature) } },
    schemaErrorFormatter: ([mistake]) => new InvalidInputError(refusalSentence(mistake!, signature))
  }, async (request) => {
    const [classification] = model.classify([request.body[inputField]!])
    if (classification === undefined) throw new InvalidInputError(overflowSentence(signature))
    return { [labelField]: classification.label }
  })
}
