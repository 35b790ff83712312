import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Engine } from '../containers/engine.ts'
import { standInBase } from '../containers/stand-in-base.ts'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'

/** Stands for the Valkey image, under its name: Debian's Redis, which is called as Valkey is and reads the same file. */
export async function makeRedisImage (t: Scope, engine: Engine, image: string): Promise<void> {
  const context = temporaryFolder(t)
  const program = execFileSync('which', ['redis-server'], { encoding: 'utf8' }).trim()
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const file of [program, ...libraries]) {
    mkdirSync(join(context, 'root', dirname(file)), { recursive: true })
    copyFileSync(file, join(context, 'root', file))
  }
  copyFileSync(program, join(context, 'valkey-server'))
  // Libraries beside the base's own: /lib is a link there, which a copy of a folder would replace.
  const copies = libraries.map((library) => `COPY root${library} /opt/libraries/`)
  writeFileSync(join(context, 'Dockerfile'), [
    `FROM ${standInBase}`, ...copies, 'COPY valkey-server /usr/local/bin/', 'ENV LD_LIBRARY_PATH=/opt/libraries', 'CMD []'
  ].join('\n'))
  await engine.podman('build', '--quiet', '--tag', image, context)
}
