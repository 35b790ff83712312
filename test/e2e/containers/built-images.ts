import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../process.ts'
import { configure, useEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { makeStandInBase, standInBase } from './stand-in-base.ts'

export interface BuiltImages {
  /** The store that has them, for {@link startEngine}. */
  store: string
  /** The engine that built them. Only for looking: other tests read the same store. */
  builder: Engine
  /** What `pnpm images` said. */
  output: string
}

/**
 * `model-edge-gateway:local` and `model-edge-predictor:local` as `pnpm images` builds them with buildah, on a stand-in made
 * from Debian. All test files share one store beside the other caches: the base is made once, and what did not change since
 * the last build is taken from it.
 */
export async function builtImages (): Promise<BuiltImages> {
  const store = join(root, 'node_modules/.cache/containers')
  mkdirSync(store, { recursive: true })
  const builder = useEngine(configure(store))
  await makeStandInBase(builder)
  const { code, stdout, stderr } = await builder.outcome(process.execPath, [
    '--import', 'tsx', join(root, 'deploy/images.ts'), '--builder', 'buildah', '--base', standInBase
  ])
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`)
  return { store, builder, output: stdout }
}
