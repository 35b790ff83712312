import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../errors.ts'

/** The folder that serves, and its number when it is one of several versions. */
export interface VersionFolder { readonly folder: string, readonly number?: string }

/**
 * Finds the version that serves: the highest numbered sub-folder, or `modelDir` itself when it holds a model.
 * @throws ModelError when it holds neither
 */
export async function findVersion (modelDir: string): Promise<VersionFolder> {
  let names: string[]
  try {
    names = await readdir(modelDir)
  } catch (error) {
    throw new ModelError(`the model folder ${modelDir} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const numbered = names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).sort((a, b) => Number(b) - Number(a))
  for (const number of numbered) {
    const folder = join(modelDir, number)
    // Asked of the target, not of the entry: mounted volumes are full of links.
    if ((await stat(folder)).isDirectory()) return { folder, number }
  }
  if (names.includes('model.json')) return { folder: modelDir }
  throw new ModelError(`the model folder ${modelDir} holds neither a numbered version nor a model.json`)
}
