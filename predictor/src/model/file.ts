import { readFile } from 'node:fs/promises'
import { ModelError } from '../errors.ts'

/** Reads a file of the model folder. @throws ModelError which names it */
export async function readModelFile (file: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ModelError(code === 'ENOENT' ? `${file} is missing` : `${file} cannot be read (${code})`)
  }
}

/** Reads a JSON file of the model folder. @throws ModelError which names it */
export async function readJsonFile (file: string): Promise<unknown> {
  const bytes = await readModelFile(file)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new ModelError(`${file} is not valid JSON`)
  }
}
