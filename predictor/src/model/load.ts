import { type Classifier, createClassifier } from '../inference/classifier.ts'
import { ModelError } from '../errors.ts'
import type { Signature } from '../schemas/signature.ts'
import { readArtifact } from './artifact.ts'
import type { BackendName } from './backend.ts'
import { checkGolden } from './golden.ts'
import { buildNetwork } from './network.ts'
import { readSignature } from './signature.ts'
import { findVersion } from './version-folder.ts'

/** A model that has passed every check and is warm. */
export interface LoadedModel extends Classifier {
  readonly folder: string
  readonly signature: Signature
  readonly backend: BackendName
  /** Frees its tensors. */
  dispose (): void
}

/**
 * Loads the version of `modelDir` that serves: reads, checks, warms up, compares with the golden examples.
 * @param backend the backend that was started
 * @throws ModelError, one sentence that names the file and the field
 */
export async function loadModel (modelDir: string, backend: BackendName): Promise<LoadedModel> {
  const version = await findVersion(modelDir)
  const signature = await readSignature(version)
  const network = await buildNetwork(await readArtifact(version.folder), signature)
  const { classify } = createClassifier(network, signature)
  try {
    checkGolden({ classify }, signature)
  } catch (error) {
    network.dispose()
    throw new ModelError(`${version.folder}: ${(error as Error).message}`, { cause: error })
  }
  return { folder: version.folder, signature, backend, classify, dispose: () => { network.dispose() } }
}
