import { execFile, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { TestContext } from 'node:test'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { root, fromSource, runToEnd } from '../process.ts'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'
import type { KubernetesObject } from './objects.ts'

// As `pnpm minikube` wants it. Debian's own is 1.20, and knows no components.
const oldest = 30

/** Whether there is a kubectl that is new enough; otherwise the test is skipped, or fails where every tool is required. */
export function hasKubectl (t: TestContext): boolean {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' })
  const minor = status === 0 ? Number.parseInt(JSON.parse(stdout).clientVersion.minor) : 0
  if (minor >= oldest) return true
  const missing = `kubectl 1.${oldest} or newer is not installed`
  if (process.env.REQUIRE_TOOLS === '1') throw new Error(missing)
  t.skip(missing)
  return false
}

export const overlays = ['minikube', 'production']

/** Where the limit that gateways share is kept, if it is: as the overlay says itself, or as deploy/README.md says to change that. */
export const stores = ['redis', 'managed-redis', 'no Redis'] as const
export type Store = typeof stores[number]

/** The components that an overlay may have or not, besides those about Redis. */
export const components = readdirSync(join(root, 'deploy/components')).filter((name) => !name.includes('redis')).sort()

export interface Combination { store: Store, chosen: string[] }

/**
 * Every choice of components that makes sense (revocation is about client certificates), with every store.
 */
export function combinations (): Combination[] {
  const choices = components.reduce<string[][]>((sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]])
    .filter((set) => !set.includes('mtls-revocation') || set.includes('mtls'))
  // Rendering all of them takes minutes: with the other stores a laptop renders the least and the most, CI every one.
  const withOtherStores = process.env.CI === undefined ? [[], components] : choices
  return stores.flatMap((store) => (store === 'redis' ? choices : withOtherStores).map((chosen) => ({ store, chosen })))
}

/**
 * A copy of the manifests with certificates of the test's own, which lie where `pnpm certs dev` puts them.
 * @returns the copy's folder
 */
export async function copyManifests (t: Scope): Promise<string> {
  const copy = temporaryFolder(t)
  cpSync(join(root, 'deploy'), join(copy, 'deploy'), { recursive: true, filter: (path) => !path.includes('node_modules') })
  mkdirSync(join(copy, 'certs'))
  cpSync(join(root, 'certs/kustomization.yaml'), join(copy, 'certs/kustomization.yaml'))
  const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', 'dev', '--dir', join(copy, 'certs/local')))
  if (code !== 0) throw new Error(output)
  return copy
}

const run = promisify(execFile)

/** What `kubectl apply -k` would send: an overlay of a copy of the manifests, with components on top. */
export async function render (copy: string, overlay: string, chosen: string[] = [], store: Store = 'redis'): Promise<KubernetesObject[]> {
  const folder = mkdtempSync(join(copy, 'rendered-'))
  const at = (name: string) => relative(folder, join(copy, 'deploy', name))
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({
    resources: [at(store === 'redis' ? overlay : withStore(copy, overlay, store))], components: chosen.map((name) => at(`components/${name}`))
  }))
  const { stdout } = await run('kubectl', ['kustomize', folder], { maxBuffer: 2 ** 24 })
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject)
}

/** The overlay as it is after the lines about Redis among its components were changed; @returns the name of its folder */
function withStore (copy: string, overlay: string, store: Store): string {
  const name = `${overlay}-${store.replace(' ', '-')}`
  const folder = join(copy, 'deploy', name)
  if (existsSync(folder)) return name
  cpSync(join(copy, 'deploy', overlay), folder, { recursive: true })
  const file = join(folder, 'kustomization.yaml')
  const kustomization = parse(readFileSync(file, 'utf8')) as { components: string[] }
  const others = kustomization.components.filter((component) => !component.includes('redis'))
  writeFileSync(file, stringify({ ...kustomization, components: store === 'no Redis' ? others : [...others, `../components/${store}`] }))
  return name
}
