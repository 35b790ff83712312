import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { Scope } from '../process.ts'
import { hasTool } from '../tools.ts'

const patience = 60_000
const pause = 100

export interface Outcome { code: number, stdout: string, stderr: string }

/** podman with storage, networks and state of its own: nothing of the machine's is seen or touched. */
export interface Engine {
  /** What makes podman, buildah and podman-compose use it. */
  env: NodeJS.ProcessEnv
  /** Runs podman; resolves with what it wrote on standard output, rejects when it fails. */
  podman: (...args: string[]) => Promise<string>
  /** Runs any program with it, whatever comes of it. */
  outcome: (program: string, args: string[], env?: NodeJS.ProcessEnv) => Promise<Outcome>
  /** Resolves with the first match in a container's log, from its start on; rejects when there is none within a minute. */
  said: (container: string, pattern: RegExp) => Promise<RegExpExecArray>
}

/** Whether containers can be run here; otherwise the test is skipped, or fails where every tool is required. */
export function hasContainers (t: TestContext): boolean {
  if (!['podman', 'buildah', 'runc', 'podman-compose', 'debootstrap'].every((tool) => hasTool(t, tool, '--version'))) return false
  if (process.getuid?.() === 0) return true
  if (process.env.REQUIRE_TOOLS === '1') throw new Error('containers need root here')
  t.skip('containers need root here')
  return false
}

/**
 * An engine whose containers, networks and files are gone with the test.
 * @param images - a store of images, made by {@link configure}, that it reads and does not change
 */
export function startEngine (t: Scope, images?: string): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-containers-'))
  const engine = useEngine(configure(folder, images))
  t.after(async () => {
    await engine.outcome('podman', ['rm', '--all', '--force', '--time', '0'])
    await engine.outcome('podman', ['network', 'prune', '--force'])
    // The overlay driver keeps its folder mounted on itself.
    await engine.outcome('umount', [join(folder, 'storage/overlay')])
    rmSync(folder, { recursive: true, force: true })
  })
  return engine
}

/**
 * Writes an engine's configuration into a folder, where its storage will be too.
 * @returns the environment that selects it
 */
export function configure (folder: string, images?: string): NodeJS.ProcessEnv {
  for (const name of ['networks', 'state', 'volumes']) mkdirSync(join(folder, name), { recursive: true })
  // runc, since crun wants what a machine without systemd does not have; limits below the machine's own.
  writeFileSync(join(folder, 'containers.conf'), `
[containers]
default_ulimits = ["nofile=8000:8000", "nproc=8000:8000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "${folder}/state"
volume_path = "${folder}/volumes"
[network]
network_backend = "netavark"
network_config_dir = "${folder}/networks"
`)
  writeFileSync(join(folder, 'storage.conf'), `
[storage]
driver = "overlay"
graphroot = "${folder}/storage"
runroot = "${folder}/run"
[storage.options]
additionalimagestores = [${images === undefined ? '' : `"${images}/storage"`}]
`)
  return {
    ...process.env,
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    // Building needs no namespaces of its own then.
    BUILDAH_ISOLATION: 'chroot'
  }
}

/** The engine that an environment selects. */
export function useEngine (env: NodeJS.ProcessEnv): Engine {
  const outcome: Engine['outcome'] = (program, args, more = {}) => new Promise((resolve) => {
    execFile(program, args, { env: { ...env, ...more }, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
  const podman: Engine['podman'] = async (...args) => {
    const { code, stdout, stderr } = await outcome('podman', args)
    if (code !== 0) throw new Error(`podman ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout.trim()
  }
  return { env, podman, outcome, said: (container, pattern) => waitForLine(outcome, container, pattern) }
}

// A log that is followed ends with its container, even when that starts again: asked anew, it goes on.
async function waitForLine (outcome: Engine['outcome'], container: string, pattern: RegExp): Promise<RegExpExecArray> {
  for (const until = Date.now() + patience; ; await setTimeout(pause)) {
    const { stdout, stderr } = await outcome('podman', ['logs', container])
    const match = pattern.exec(stdout + stderr)
    if (match !== null) return match
    if (Date.now() > until) throw new Error(`${container} did not say ${pattern}:\n${stdout}${stderr}`)
  }
}
