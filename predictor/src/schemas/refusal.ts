import type { ErrorObject } from 'ajv'
import { quote } from '../quote.ts'
import type { Signature } from './signature.ts'

/**
 * One sentence on why a `/predict` body was refused: the field, what it takes, what it got.
 * @param mistake with the offending value, which ajv's `verbose` option adds
 */
export function refusalSentence (mistake: ErrorObject, signature: Signature): string {
  const field = signature.predict.request
  const list = `${field} must be ${listOf(signature)}`
  if (mistake.keyword === 'required') return `${list}; got nothing`
  const [, inField, index] = /^(\/[^/]+)?(?:\/(\d+))?$/.exec(mistake.instancePath) ?? []
  if (inField === undefined) return `the body must be an object with ${field}; got ${quote(mistake.data)}`
  if (index !== undefined) {
    return `${field}[${index}] (${signature.inputs[Number(index)]?.name}) must be a finite number; got ${quote(mistake.data)}`
  }
  return Array.isArray(mistake.data)
    ? `${list}; got ${mistake.data.length} ${mistake.data.length === 1 ? 'entry' : 'entries'}`
    : `${list}; got ${quote(mistake.data)}`
}

/** One sentence on a row of finite numbers on which the model's 32-bit arithmetic overflows. */
export function overflowSentence (signature: Signature): string {
  return `${signature.predict.request} holds a number too large for the model's 32-bit arithmetic`
}

function listOf ({ inputs }: Signature): string {
  const units = new Set(inputs.map(({ unit }) => unit))
  const names = units.size === 1
    ? `${inputs.map(({ name }) => name).join(', ')}${inUnit(inputs[0]!.unit)}`
    : inputs.map(({ name, unit }) => `${name}${inUnit(unit)}`).join(', ')
  return `an array of exactly ${inputs.length} ${inputs.length === 1 ? 'number' : 'numbers'} (${names})`
}

function inUnit (unit: string): string {
  return unit === '' ? '' : ` in ${unit}`
}
