import { Ajv, type ErrorObject } from 'ajv'
import { ModelError } from '../errors.ts'
import { quote } from '../quote.ts'
import { type Signature, SignatureSchema } from '../schemas/signature.ts'
import { readJsonFile } from './file.ts'
import { contradictions } from './signature-checks.ts'
import type { VersionFolder } from './version-folder.ts'

/** The file that makes a model an API. */
export const signatureFile = 'signature.json'

const isSignature = new Ajv({ verbose: true, allErrors: true }).compile<Signature>(SignatureSchema)

/**
 * Reads and checks `signature.json`: its schema first, then what a schema cannot say.
 * @throws ModelError with the path of every field that is wrong
 */
export async function readSignature ({ folder, number }: VersionFolder): Promise<Signature> {
  const signature = await readJsonFile(folder, signatureFile)
  const mistakes = isSignature(signature) ? [...contradictions(signature, number)] : isSignature.errors!.map(schemaSentence)
  if (mistakes.length > 0) throw new ModelError(mistakes.map((mistake) => `${signatureFile}: ${mistake}`))
  return signature as Signature
}

function schemaSentence ({ keyword, instancePath, params, message, data }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.')
  const where = path === '' ? 'the signature' : path
  if (keyword === 'required') return `${where} lacks ${params.missingProperty}`
  if (keyword === 'additionalProperties') return `${where} has an unknown field ${quote(params.additionalProperty)}`
  return `${where} ${message}; got ${quote(data)}`
}
