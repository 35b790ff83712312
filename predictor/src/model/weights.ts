import { setImmediate as nextTurn } from 'node:timers/promises'
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

/** Bytes looked through at a stretch: about a millisecond's worth, after which requests have their turn. */
const stretch = 2 ** 20

/**
 * What is wrong with a group of weights: its bytes must be exactly what its specs say, and no weight NaN or infinite.
 * @param files the weight files that hold the bytes, for the sentences
 */
export async function weightMistakes (bytes: Buffer, specs: readonly WeightSpec[], files: string): Promise<string[]> {
  const unserved = specs.filter((spec) => typeSize(spec) === undefined)
  if (unserved.length > 0) {
    return unserved.map((spec) => `${files}: the weight ${quote(spec.name)} has a type that is not served: ${quote(storedType(spec))}`)
  }
  const lengths = specs.map((spec) => spec.shape.reduce((product, length) => product * length, typeSize(spec)!))
  const expected = lengths.reduce((total, length) => total + length, 0)
  if (bytes.length !== expected) return [`${files} must have ${expected} bytes, as model.json says; got ${bytes.length}`]
  const mistakes: string[] = []
  let offset = 0
  for (const [i, { name, dtype, quantization }] of specs.entries()) {
    const end = offset + lengths[i]!
    if (dtype === 'float32' && quantization === undefined) {
      const value = await notFinite(bytes.subarray(offset, end))
      if (value !== undefined) mistakes.push(`${files}: the weight ${quote(name)} holds ${value}`)
    }
    offset = end
  }
  return mistakes
}

function storedType ({ dtype, quantization }: WeightSpec): string {
  return quantization?.dtype ?? dtype
}

function typeSize (spec: WeightSpec): number | undefined {
  const stored = storedType(spec)
  return Object.hasOwn(bytesOf, stored) ? bytesOf[stored] : undefined
}

/** The first of the 32-bit floats that is no finite number. */
async function notFinite (floats: Buffer): Promise<number | undefined> {
  for (let offset = 0; offset < floats.length; offset += 4) {
    if (offset > 0 && offset % stretch === 0) await nextTurn()
    const value = floats.readFloatLE(offset)
    if (!Number.isFinite(value)) return value
  }
}
