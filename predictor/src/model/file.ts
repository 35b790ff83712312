import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../errors.ts'

/** What stays as it is until somebody changes the folder; anything else (too many open files, a mount that hiccups) may pass. */
const lasting = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

/** Reads a file of a model folder. @throws ModelError which names it */
export async function readModelFile (folder: string, name: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(join(folder, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ModelError(code === 'ENOENT' ? `${name} is missing` : `${name} cannot be read (${code})`, { isPassing: !lasting.has(code!) })
  }
}

/** Reads a JSON file of a model folder. @throws ModelError which names it */
export async function readJsonFile (folder: string, name: string): Promise<unknown> {
  const bytes = await readModelFile(folder, name)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new ModelError(`${name} is not valid JSON`)
  }
}
