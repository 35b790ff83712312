import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'
import type { KubernetesObject } from './objects.ts'

/** Kinds that Kubernetes itself has not, each with a small schema here of what its definition allows. */
const own: Record<string, string> = { Certificate: 'certificate.json', ServiceMonitor: 'service-monitor.json' }

/**
 * Checks objects strictly, so that a misspelt field is a fault: against Kubernetes' schemas, as PyPI's kubernetes-validate
 * ships them, and ours for other kinds.
 * @returns what is wrong, a line a fault
 */
export function faultsOf (t: Scope, objects: KubernetesObject[]): string[] {
  const native = objects.filter(({ kind }) => own[kind] === undefined)
  return [...nativeFaults(t, native), ...objects.flatMap(ownFaults)]
}

function nativeFaults (t: Scope, objects: KubernetesObject[]): string[] {
  const file = join(temporaryFolder(t), 'objects.yaml')
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', file], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  const passed = lines.filter((line) => / passed for resource /.test(line))
  // The one that says nothing at all about an object did not look at it.
  if (status === 0 && passed.length === objects.length) return []
  return [`${passed.length} of ${objects.length} objects are valid`, ...lines.filter((line) => !passed.includes(line))]
}

function ownFaults (object: KubernetesObject): string[] {
  const schema = own[object.kind]
  if (schema === undefined) return []
  const ajv = new Ajv({ allErrors: true })
  ajv.validate(JSON.parse(readFileSync(new URL(`schemas/${schema}`, import.meta.url), 'utf8')), object)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${object.kind} ${object.metadata.name}${instancePath} ${message}`)
}
