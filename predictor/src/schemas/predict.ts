import Type from 'typebox'
import type { Signature } from './signature.ts'

/** The body of `POST /predict`: one list with a finite number per input; other keys are ignored. */
export function requestSchema ({ inputs, predict }: Signature) {
  return Type.Object({
    [predict.request]: Type.Array(Type.Number(), { minItems: inputs.length, maxItems: inputs.length })
  })
}
