import { Ajv } from 'ajv'
import { InvalidInputError } from '../errors.ts'
import { requestSchema } from './predict.ts'
import { refusalSentence } from './refusal.ts'
import type { Signature } from './signature.ts'

/** One row of a model's input: a finite number per feature, in the signature's order. */
export type Row = readonly number[]

/**
 * Makes the check of `/predict` bodies. A body is taken as it is, or refused with the value that was wrong; the refusal is
 * returned and not thrown, because in a batch it is an answer like others.
 */
export function rowReader (signature: Signature): (body: unknown) => Row | InstanceType<typeof InvalidInputError> {
  const { request: field } = signature.predict
  const isBody = new Ajv({ verbose: true }).compile<Record<string, Row>>(requestSchema(signature))
  return (body) => isBody(body) ? body[field]! : new InvalidInputError(refusalSentence(isBody.errors![0]!, signature))
}
