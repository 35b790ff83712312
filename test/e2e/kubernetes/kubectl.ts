import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { TestContext } from 'node:test'
import { parseAllDocuments } from 'yaml'
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

/** The components that an overlay may have or not; `redis` is part of both. */
export const components = readdirSync(join(root, 'deploy/components')).filter((name) => name !== 'redis').sort()

/** Every choice of components that makes sense: revocation is about client certificates. */
export function combinations (): string[][] {
  const all = components.reduce<string[][]>((sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]])
  return all.filter((set) => !set.includes('mtls-revocation') || set.includes('mtls'))
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
export async function render (copy: string, overlay: string, chosen: string[] = []): Promise<KubernetesObject[]> {
  const folder = mkdtempSync(join(copy, 'rendered-'))
  const at = (name: string) => relative(folder, join(copy, 'deploy', name))
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({
    resources: [at(overlay)], components: chosen.map((name) => at(`components/${name}`))
  }))
  const { stdout } = await run('kubectl', ['kustomize', folder], { maxBuffer: 2 ** 24 })
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject)
}
