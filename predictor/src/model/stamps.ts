import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestFile, weightPaths } from './artifact.ts'
import { readJsonFile } from './file.ts'
import { signatureFile } from './signature.ts'

/**
 * Tells one content of a model's folder from another without reading it: where its files really are, how long they are and when
 * they changed. Links are followed, so that it sees a mounted volume's `..data` being swapped; change times as well as
 * modification times count, since weights that replace others are as long and may keep their date.
 */
export class Stamps {
  /** The weight files that each folder's `model.json` names, and the content of which that was read. */
  readonly #named = new Map<string, { manifest: string, weights: readonly string[] }>()

  /** @returns a text that is another when the folder holds another model; also where files are missing */
  async of (folder: string): Promise<string> {
    const manifest = await stampOf(join(folder, manifestFile))
    let named = this.#named.get(folder)
    if (named?.manifest !== manifest) this.#named.set(folder, named = { manifest, weights: await namedWeights(folder) })
    const files = await Promise.all([signatureFile, ...named.weights].map((name) => stampOf(join(folder, name))))
    return [await realpath(folder).catch(codeOf), manifest, ...files].join('\n')
  }

  /** Lets go of all other folders. */
  keep (folders: ReadonlySet<string>): void {
    for (const folder of this.#named.keys()) if (!folders.has(folder)) this.#named.delete(folder)
  }
}

async function stampOf (file: string): Promise<string> {
  try {
    const { size, mtimeMs, ctimeMs } = await stat(file)
    return `${size} ${mtimeMs} ${ctimeMs}`
  } catch (error) {
    return codeOf(error)
  }
}

async function namedWeights (folder: string): Promise<readonly string[]> {
  try {
    return weightPaths(await readJsonFile(folder, manifestFile))
  } catch {
    return []
  }
}

function codeOf (error: unknown): string {
  return String((error as NodeJS.ErrnoException).code)
}
