import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chooseBuilder } from './images/builders.ts'
import type { Builder } from './images/builders.ts'

/**
 * `pnpm images`: builds both images with docker, podman or buildah, whichever is there, and tells their sizes.
 *
 * Each gets three tags: the version, the git revision, and `local`, which is the last one built here: what Compose and
 * minikube run. The predictor with libtensorflow has `-native` after each.
 */
const usage = `images [--base IMAGE] [--builder docker|podman|buildah] [--native]
  --base IMAGE    the Node.js image to build from and upon, a local one say (node:24-bookworm-slim)
  --builder NAME  the program that builds (the first of the three that works)
  --native        the predictor with TensorFlow's native library: a download of some hundred megabytes
`

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { base, builder: wanted, native, help } = readArguments()
if (help) {
  process.stdout.write(usage)
  process.exit()
}
const builder = chooseBuilder(wanted)
if (builder === undefined) fail(wanted === undefined ? 'none of docker, podman and buildah works here' : `${wanted} does not work here`)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const revision = gitRevision()

const built = ['gateway', 'predictor'].map((service) => buildImage(builder, service))
const baseSize = builder.size(base)
for (const { name, tags } of built) {
  const size = builder.size(`${name}:${tags[0]}`)
  process.stdout.write(`${name}:{${tags.join(',')}}  ${megabytes(size)}, of which ${megabytes(size - baseSize)} on top of ${base}\n`)
}

function readArguments () {
  try {
    return parseArgs({
      options: {
        base: { type: 'string', default: 'node:24-bookworm-slim' },
        builder: { type: 'string' },
        native: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false }
      }
    }).values
  } catch (error) {
    fail(`${(error as Error).message}\n${usage}`)
  }
}

function buildImage (builder: Builder, service: string): { name: string, tags: string[] } {
  const name = `model-edge-${service}`
  const suffix = native && service === 'predictor' ? '-native' : ''
  const tags = [version, ...revision === undefined ? [] : [revision], 'local'].map((tag) => tag + suffix)
  const args = { NODE_IMAGE: base, VERSION: version, REVISION: revision ?? 'unknown', ...suffix === '' ? {} : { NATIVE: 'yes' } }
  const worked = builder.build(`${service}/Dockerfile`, tags.map((tag) => `${name}:${tag}`), args)
  if (!worked) fail(`${builder.name} could not build ${name}. Where ${base} cannot be pulled, --base takes a local image.`)
  return { name, tags }
}

/** The commit that is checked out, marked where the working tree differs from it; undefined outside a git checkout. */
function gitRevision (): string | undefined {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' })
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD')
  if (status !== 0) return undefined
  return stdout.trim() + (git('status', '--porcelain').stdout === '' ? '' : '-dirty')
}

function megabytes (bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function fail (message: string): never {
  process.stderr.write(`images: ${message}\n`)
  process.exit(1)
}
