import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Engine } from './engine.ts'

/** Every file and link in an image's file system, as a path without a slash at its start. */
export async function filesOf (engine: Engine, image: string): Promise<string[]> {
  const container = await engine.podman('create', '--entrypoint', '/none', image)
  try {
    const folder = await engine.podman('mount', container)
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  } finally {
    await engine.podman('rm', container)
  }
}
