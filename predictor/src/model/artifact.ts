import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { io } from '@tensorflow/tfjs-core'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import { ModelError } from '../errors.ts'
import { quote } from '../quote.ts'
import { readJsonFile, readModelFile } from './file.ts'
import { checkWeights } from './weights.ts'

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

/** A tfjs model as `tf.io.fromMemory` takes it, and which loader it is for. */
export interface Artifact {
  readonly file: string
  readonly format: 'layers-model' | 'graph-model'
  readonly artifacts: io.ModelArtifacts
}

/**
 * Reads `model.json` and the weight files that it names from a model folder.
 * @throws ModelError which names the file and the field when one is missing, cut short, or not a model
 */
export async function readArtifact (folder: string): Promise<Artifact> {
  const file = join(folder, 'model.json')
  const manifest = await readJsonFile(file)
  const isManifest = new Ajv({ verbose: true }).compile<Static<typeof ManifestSchema>>(ManifestSchema)
  if (!isManifest(manifest)) {
    const [mistake] = isManifest.errors!
    throw new ModelError(`${file}: ${mistake!.instancePath.slice(1) || 'the model'} ${mistake!.message}; got ${quote(mistake!.data)}`)
  }
  const weights: Buffer[] = []
  for (const group of manifest.weightsManifest) {
    const parts = []
    for (const path of group.paths) parts.push(await readModelFile(await insideFolder(folder, path, file)))
    const bytes = Buffer.concat(parts)
    checkWeights(bytes, group.weights, group.paths.map((path) => join(folder, path)).join(' + '))
    weights.push(bytes)
  }
  const { modelTopology, weightsManifest, format } = manifest
  const weightSpecs = weightsManifest.flatMap((group) => group.weights) as io.WeightsManifestEntry[]
  // A copy of its own: small buffers are windows into Node's shared pool.
  const weightData = new Uint8Array(Buffer.concat(weights)).buffer
  return { file, format, artifacts: { modelTopology, weightSpecs, weightData } }
}

/** A weights path comes from a file that may be someone else's: neither dots nor links may lead out of the folder. */
async function insideFolder (folder: string, path: string, manifestFile: string): Promise<string> {
  const file = join(folder, path)
  const outside = (from: string, to: string) => {
    const way = relative(from, to)
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
  }
  const realFolder = await realpath(folder)
  // A file that is not there has no target; reading it tells so.
  const target = await realpath(file).catch(() => realFolder)
  if (isAbsolute(path) || outside(folder, file) || outside(realFolder, target)) {
    throw new ModelError(`${manifestFile}: weightsManifest has the path ${quote(path)}, which leads out of the model's folder`)
  }
  return file
}
