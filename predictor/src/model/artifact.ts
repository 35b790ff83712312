import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { io } from '@tensorflow/tfjs-core'
import { Ajv, type ErrorObject } from 'ajv'
import Type, { type Static } from 'typebox'
import { ModelError } from '../errors.ts'
import { quote } from '../quote.ts'
import { readJsonFile, readModelFile } from './file.ts'
import { weightMistakes } from './weights.ts'

/** What is read of a `model.json`; exporters add more. */
const ManifestSchema = Type.Object({
  format: Type.Enum(['layers-model', 'graph-model']),
  modelTopology: Type.Object({}),
  weightsManifest: Type.Array(Type.Object({
    paths: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    weights: Type.Array(Type.Object({
      name: Type.String(),
      dtype: Type.String(),
      shape: Type.Array(Type.Integer({ minimum: 0 }))
    }))
  }))
})

const isManifest = new Ajv({ verbose: true, allErrors: true }).compile<Static<typeof ManifestSchema>>(ManifestSchema)

/** The file that describes the network. */
export const manifestFile = 'model.json'

/** A tfjs model as `tf.io.fromMemory` takes it, and which loader it is for. */
export interface Artifact {
  readonly format: 'layers-model' | 'graph-model'
  readonly artifacts: io.ModelArtifacts
}

/**
 * Reads `model.json` and the weight files that it names from a model folder.
 * @throws ModelError which names every file and field that is missing, cut short, or not a model's
 */
export async function readArtifact (folder: string): Promise<Artifact> {
  const manifest = await readJsonFile(folder, manifestFile)
  if (!isManifest(manifest)) throw new ModelError(isManifest.errors!.map(manifestSentence))
  const { modelTopology, weightsManifest, format } = manifest
  const groups: Buffer<ArrayBuffer>[] = []
  const failures: ModelError[] = []
  for (const { paths, weights } of weightsManifest) {
    const parts = await Promise.allSettled(paths.map((path) => readWeights(folder, path)))
    const lost = parts.filter((part) => part.status === 'rejected').map(({ reason }) => reason)
    for (const reason of lost) if (!(reason instanceof ModelError)) throw reason
    failures.push(...lost)
    if (lost.length > 0) continue
    const bytes = joined(parts.map((part) => (part as PromiseFulfilledResult<Buffer<ArrayBuffer>>).value))
    const mistakes = await weightMistakes(bytes, weights, paths.join(' + '))
    if (mistakes.length > 0) failures.push(new ModelError(mistakes))
    groups.push(bytes)
  }
  if (failures.length > 0) {
    throw new ModelError(failures.flatMap(({ mistakes }) => mistakes), { isPassing: failures.some(({ isPassing }) => isPassing) })
  }
  const weightSpecs = weightsManifest.flatMap((group) => group.weights) as io.WeightsManifestEntry[]
  return { format, artifacts: { modelTopology, weightSpecs, weightData: wholeBuffer(joined(groups)) } }
}

/** The weight files that a `model.json` names; none of one that is not whole. */
export function weightPaths (manifest: unknown): string[] {
  return isManifest(manifest) ? manifest.weightsManifest.flatMap(({ paths }) => paths) : []
}

function manifestSentence ({ instancePath, message, data }: ErrorObject): string {
  return `${manifestFile}: ${instancePath.slice(1) || 'the model'} ${message}; got ${quote(data)}`
}

async function readWeights (folder: string, path: string): Promise<Buffer<ArrayBuffer>> {
  await refuseOutside(folder, path)
  return readModelFile(folder, path)
}

/** A weights path comes from a file that may be someone else's: neither dots nor links may lead out of the folder. */
async function refuseOutside (folder: string, path: string): Promise<void> {
  const file = join(folder, path)
  const outside = (from: string, to: string) => {
    const way = relative(from, to)
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
  }
  // What is not there has no target; reading it tells so.
  const realFolder = await realpath(folder).catch(() => folder)
  const target = await realpath(file).catch(() => realFolder)
  if (isAbsolute(path) || outside(folder, file) || outside(realFolder, target)) {
    throw new ModelError(`${manifestFile}: weightsManifest has the path ${quote(path)}, which leads out of the model's folder`)
  }
}

/** Weights may be large: what is in one piece is not copied. */
function joined (parts: Buffer<ArrayBuffer>[]): Buffer<ArrayBuffer> {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** Small buffers are windows into Node's shared pool. */
function wholeBuffer (bytes: Buffer<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : new Uint8Array(bytes).buffer
}
