import { join } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { ModelError } from '../errors.ts'
import { quote } from '../quote.ts'
import { type Signature, SignatureSchema } from '../schemas/signature.ts'
import { readJsonFile } from './file.ts'
import { contradictions } from './signature-checks.ts'
import type { VersionFolder } from './version-folder.ts'

/**
 * Reads and checks `signature.json`: its schema first, then what a schema cannot say.
 * @throws ModelError with the path of the field that is wrong
 */
export async function readSignature ({ folder, number }: VersionFolder): Promise<Signature> {
  const file = join(folder, 'signature.json')
  const signature = await readJsonFile(file)
  const isSignature = new Ajv({ verbose: true }).compile<Signature>(SignatureSchema)
  if (!isSignature(signature)) throw new ModelError(`${file}: ${schemaSentence(isSignature.errors![0]!)}`)
  const [contradiction] = contradictions(signature, number)
  if (contradiction !== undefined) throw new ModelError(`${file}: ${contradiction}`)
  return signature
}

function schemaSentence ({ keyword, instancePath, params, message, data }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.')
  const where = path === '' ? 'the signature' : path
  if (keyword === 'required') return `${where} lacks ${params.missingProperty}`
  if (keyword === 'additionalProperties') return `${where} has an unknown field ${quote(params.additionalProperty)}`
  return `${where} ${message}; got ${quote(data)}`
}
