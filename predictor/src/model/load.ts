import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Classifier, createClassifier } from '../inference/classifier.ts'
import { ModelError } from '../errors.ts'
import type { Signature } from '../schemas/signature.ts'
import { type Artifact, readArtifact } from './artifact.ts'
import type { BackendName } from './backend.ts'
import { checkGolden } from './golden.ts'
import { buildNetwork } from './network.ts'
import { readSignature } from './signature.ts'
import type { VersionFolder } from './version-folder.ts'

/** A model that has passed every check and is warm. */
export interface LoadedModel extends Classifier {
  readonly folder: string
  readonly signature: Signature
  readonly backend: BackendName
  /** Frees its tensors. */
  dispose (): void
}

/**
 * Loads a version: reads, checks, warms up, compares with the golden examples.
 * @param backend the backend that was started
 * @throws ModelError, whose sentence names the file and the field
 */
export async function loadVersion (version: VersionFolder, backend: BackendName): Promise<LoadedModel> {
  const { folder } = version
  try {
    const signature = await readSignature(version)
    return await makeModel(folder, signature, await readArtifact(folder), backend)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    const { mistakes, isPassing, cause } = error
    throw new ModelError(mistakes, { folder, isPassing, cause })
  }
}

/**
 * Checks a version in every way that `loadVersion` does, and goes on after the first mistake as far as that makes sense.
 * @returns its signature, or what is wrong with it
 */
export async function checkVersion (version: VersionFolder, backend: BackendName): Promise<Signature | readonly string[]> {
  const { folder } = version
  const [signature, artifact] = await Promise.allSettled([readSignature(version), readArtifact(folder)])
  if (signature.status === 'rejected' || artifact.status === 'rejected') return [signature, artifact].flatMap(mistakesIn)
  const [made] = await Promise.allSettled([makeModel(folder, signature.value, artifact.value, backend)])
  if (made.status === 'rejected') return mistakesIn(made)
  made.value.dispose()
  return signature.value
}

function mistakesIn (result: PromiseSettledResult<unknown>): readonly string[] {
  if (result.status === 'fulfilled') return []
  if (result.reason instanceof ModelError) return result.reason.mistakes
  throw result.reason
}

async function makeModel (folder: string, signature: Signature, artifact: Artifact, backend: BackendName): Promise<LoadedModel> {
  // Another model may be serving meanwhile: between what holds the event loop, its requests have their turn.
  await nextTurn()
  const network = await buildNetwork(artifact, signature)
  const { classify } = createClassifier(network, signature)
  try {
    await nextTurn()
    checkGolden({ classify }, signature)
  } catch (error) {
    network.dispose()
    throw error
  }
  return { folder, signature, backend, classify, dispose: () => { network.dispose() } }
}
