import { spawnSync } from 'node:child_process'

/** A program that runs a Compose file. */
export interface Composer {
  command: string[]
  /** Whether both images are there, under the tags that `compose.yaml` names. */
  hasImages: () => boolean
}

const images = () => ['model-edge-gateway:local', `model-edge-predictor:${process.env.PREDICTOR_TAG || 'local'}`]

const composers: (Composer & { works: () => boolean })[] = [
  {
    command: ['docker', 'compose'],
    // The client alone is no engine.
    works: () => succeeds('docker', 'compose', 'version') && succeeds('docker', 'version', '--format', '{{.Server.Version}}'),
    hasImages: () => succeeds('docker', 'image', 'inspect', ...images())
  },
  {
    command: ['podman-compose'],
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
