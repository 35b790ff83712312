import { spawnSync } from 'node:child_process'

/** A program that builds images from a Dockerfile; the build context is the working folder. */
export interface Builder {
  name: string
  /** @returns whether it worked; its own output has said why not */
  build: (dockerfile: string, tags: string[], args: Record<string, string>) => boolean
  /** All layers of a local image together, in bytes, uncompressed. */
  size: (image: string) => number
}

// Without it podman and buildah write the OCI format, which has no health check.
const keepHealthCheck = ['--format', 'docker']

const builders: (Builder & { works: () => boolean })[] = [
  {
    name: 'docker',
    // The client alone is no engine.
    works: () => succeeds('docker', 'version', '--format', '{{.Server.Version}}'),
    build: (...image) => run('docker', ['build', ...buildArguments(...image)]),
    size: (image) => Number(read('docker', 'image', 'inspect', '--format', '{{.Size}}', image))
  },
  {
    name: 'podman',
    works: () => succeeds('podman', 'version'),
    build: (...image) => run('podman', ['build', ...keepHealthCheck, ...buildArguments(...image)]),
    size: (image) => Number(read('podman', 'image', 'inspect', '--format', '{{.Size}}', image))
  },
  {
    name: 'buildah',
    works: () => succeeds('buildah', 'version'),
    build: (...image) => run('buildah', ['build', '--layers', ...keepHealthCheck, ...buildArguments(...image)]),
    size: sizeInBuildah
  }
]

/** The wanted builder, or the first that works; undefined where there is none. */
export function chooseBuilder (wanted?: string): Builder | undefined {
  return builders.find(({ name, works }) => (wanted === undefined || name === wanted) && works())
}

function buildArguments (dockerfile: string, tags: string[], args: Record<string, string>): string[] {
  return [
    ...tags.flatMap((tag) => ['--tag', tag]),
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    // Said here too: with its cache of layers buildah keeps the label of the commit that last changed the image.
    '--label', `org.opencontainers.image.revision=${args.REVISION ?? 'unknown'}`,
    '--file', dockerfile,
    '.'
  ]
}

/** buildah tells no size but in words; the manifest has every layer's. */
function sizeInBuildah (image: string): number {
  const { layers } = JSON.parse(read('buildah', 'inspect', '--type', 'image', '--format', '{{.Manifest}}', image)) as { layers: { size: number }[] }
  return layers.reduce((sum, { size }) => sum + size, 0)
}

function succeeds (program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

function run (program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0
}

function read (program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}
