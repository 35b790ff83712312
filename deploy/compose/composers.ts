import { spawnSync } from 'node:child_process'

/** A program that runs a Compose file. */
export interface Composer {
  command: string[]
  /** The Compose files, relative to the project's folder. */
  files: string[]
  /** Whether it knows `--profile`, and leaves alone what belongs to a profile that it is not told. */
  knowsProfiles: () => boolean
  /** Whether both images are there, under the tags that `compose.yaml` names. */
  hasImages: () => boolean
}

/** Those of `compose.yaml`. */
export const profiles = ['redis', 'monitoring']

const images = () => ['model-edge-gateway:local', `model-edge-predictor:${process.env.PREDICTOR_TAG || 'local'}`]

const composers: (Composer & { works: () => boolean })[] = [
  {
    command: ['docker', 'compose'],
    files: ['deploy/compose.yaml', 'deploy/compose/redis-first.yaml'],
    knowsProfiles: () => true,
    // The client alone is no engine.
    works: () => succeeds('docker', 'compose', 'version') && succeeds('docker', 'version', '--format', '{{.Server.Version}}'),
    hasImages: () => succeeds('docker', 'image', 'inspect', ...images())
  },
  {
    command: ['podman-compose'],
    files: ['deploy/compose.yaml'],
    // Debian 12's knows none: there every service is one that everybody gets, and loses.
    knowsProfiles: () => spawnSync('podman-compose', ['--help'], { encoding: 'utf8' }).stdout.includes('--profile'),
    works: () => succeeds('podman-compose', 'version'),
    hasImages: () => succeeds('podman', 'image', 'inspect', ...images())
  }
]

/** The first that works; undefined where there is none. */
export function chooseComposer (): Composer | undefined {
  return composers.find(({ works }) => works())
}

function succeeds (program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
