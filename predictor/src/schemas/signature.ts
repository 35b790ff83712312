import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false }
const Count = Type.Integer({ minimum: 1 })
const Vector = Type.Array(Type.Number())
const Sentence = Type.String({ minLength: 1 })
/** Part of URLs. */
const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' })
/** A key of JSON bodies. */
const FieldName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' })

const InputSchema = Type.Object({
  name: Sentence,
  unit: Type.String(),
  minimum: Type.Number(),
  maximum: Type.Number(),
  example: Type.Number()
}, closed)

const GoldenSchema = Type.Object({ input: Vector, label: Type.String(), probabilities: Vector }, closed)

const TrainingSchema = Type.Object({
  rows: Count,
  mean: Vector,
  standardDeviation: Vector,
  classes: Type.Array(Type.Object({ label: Type.String(), rows: Count, mean: Vector }, closed)),
  precision: Type.Array(Vector),
  maximumDistance: Type.Number({ exclusiveMinimum: 0 })
}, closed)

/** The JSON Schema of `signature.json`, the file that makes a model folder an API. */
export const SignatureSchema = Type.Object({
  name: Identifier,
  version: Identifier,
  description: Sentence,
  inputs: Type.Array(InputSchema, { minItems: 1 }),
  labels: Type.Array(Sentence, { minItems: 2, uniqueItems: true }),
  predict: Type.Object({ request: FieldName, response: FieldName }, closed),
  golden: Type.Array(GoldenSchema, { minItems: 1 }),
  training: TrainingSchema
}, closed)

/**
 * What a model takes and gives. `inputs` and every vector are in tensor order, `labels` and `probabilities` in output
 * order; `training` describes the rows it was fitted on, in the inputs' units.
 */
export type Signature = Static<typeof SignatureSchema>
