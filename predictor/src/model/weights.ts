import { ModelError } from '../errors.ts'
import { quote } from '../quote.ts'

/** One tensor of a weight file, as `model.json` describes it. `quantization` says how its bytes are stored instead. */
export interface WeightSpec {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly quantization?: { readonly dtype: string }
}

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2
}

/**
 * Checks that a group's bytes are exactly what its specs say, and that no weight is NaN or infinite.
 * @param files the weight files that hold the bytes, for the sentence
 * @throws ModelError
 */
export function checkWeights (bytes: Buffer, specs: readonly WeightSpec[], files: string): void {
  const lengths = specs.map((spec) => byteLength(spec, files))
  const expected = lengths.reduce((total, length) => total + length, 0)
  if (bytes.length !== expected) {
    throw new ModelError(`${files} must have ${expected} bytes, as model.json says; got ${bytes.length}`)
  }
  let offset = 0
  for (const [i, spec] of specs.entries()) {
    const end = offset + lengths[i]!
    if (spec.dtype === 'float32' && spec.quantization === undefined) {
      for (; offset < end; offset += 4) {
        const value = bytes.readFloatLE(offset)
        if (!Number.isFinite(value)) throw new ModelError(`${files}: the weight ${quote(spec.name)} holds ${value}`)
      }
    }
    offset = end
  }
}

function byteLength ({ name, dtype, shape, quantization }: WeightSpec, files: string): number {
  const stored = quantization?.dtype ?? dtype
  const size = Object.hasOwn(bytesOf, stored) ? bytesOf[stored]! : undefined
  if (size === undefined) throw new ModelError(`${files}: the weight ${quote(name)} has a type that is not served: ${quote(stored)}`)
  return size * shape.reduce((product, length) => product * length, 1)
}
