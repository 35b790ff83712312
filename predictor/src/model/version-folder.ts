import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../errors.ts'
import { manifestFile } from './artifact.ts'

/** The folder of one version, and its number when it is one of several. */
export interface VersionFolder { readonly folder: string, readonly number?: string }

/** What versions' folders are called. */
export const versionNumber = /^[1-9]\d{0,14}$/

/**
 * Finds the versions of a model: the numbered sub-folders, highest first, or `modelDir` itself when it holds a model.
 * @throws ModelError when it holds neither
 */
export async function findVersions (modelDir: string): Promise<VersionFolder[]> {
  const names = await readFolder(modelDir)
  const numbers = names.filter((name) => versionNumber.test(name)).sort((a, b) => Number(b) - Number(a))
  const versions: VersionFolder[] = []
  for (const number of numbers) {
    const folder = join(modelDir, number)
    if (await isFolder(folder)) versions.push({ folder, number })
  }
  if (versions.length > 0) return versions
  if (names.includes(manifestFile)) return [{ folder: modelDir }]
  const neither = `holds neither a numbered version nor a ${manifestFile}`
  throw new ModelError(`the model folder ${neither}`, { message: `the model folder ${modelDir} ${neither}` })
}

async function readFolder (modelDir: string): Promise<string[]> {
  try {
    return await readdir(modelDir)
  } catch (error) {
    const cannot = `cannot be read (${(error as NodeJS.ErrnoException).code})`
    throw new ModelError(`the model folder ${cannot}`, { message: `the model folder ${modelDir} ${cannot}` })
  }
}

/** Asked of the target, not of the entry: mounted volumes are full of links. One that leads nowhere is no folder. */
async function isFolder (path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
