import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { answerOf, ask, run, StepError } from './command.ts'

const services = ['gateway', 'predictor']
const imageOf = (service: string, tag = 'local') => `model-edge-${service}:${tag}`

/**
 * Builds both images in minikube's own container runtime, on every node.
 * @returns the services whose image is another one than before
 * @throws {StepError} when one was not built
 */
export function buildImages (profile: string): string[] {
  const context = stageContext()
  try {
    return services.filter((service) => build(profile, service, context))
  } finally {
    rmSync(context, { recursive: true })
  }
}

export function removeImages (profile: string): void {
  // Not there is as good as removed.
  for (const service of services) ask('minikube', '--profile', profile, 'image', 'rm', imageOf(service))
}

/**
 * `minikube image build` exits 0 when the build has failed, too. So it builds under a name that nobody has had, and the
 * image is there afterwards or is not.
 */
function build (profile: string, service: string, context: string): boolean {
  const minikube = (...args: string[]) => answerOf('minikube', '--profile', profile, 'image', ...args)
  const former = identity(profile, imageOf(service))
  const candidate = imageOf(service, `build-${Date.now().toString(36)}`)
  run('minikube', '--profile', profile, 'image', 'build', '--all', '--tag', candidate, '--file', `${service}/Dockerfile`, context)
  const built = identity(profile, candidate)
  if (built === undefined) throw new StepError(`the image of the ${service} was not built; minikube's own words are above.`)
  minikube('tag', candidate, imageOf(service))
  minikube('rm', candidate)
  process.stdout.write(`${imageOf(service)}: ${built === former ? 'as before' : 'new'}\n`)
  return built !== former
}

/** An image's id; undefined when there is none of the name. Runtimes put a registry before it, each another one. */
function identity (profile: string, image: string): string | undefined {
  const listed = answerOf('minikube', '--profile', profile, 'image', 'ls', '--format', 'json')
  const images = (JSON.parse(listed || '[]') ?? []) as { id: string, repoTags?: string[] }[]
  return images.find(({ repoTags = [] }) => repoTags.some((tag) => tag === image || tag.endsWith(`/${image}`)))?.id
}

/**
 * What .dockerignore lets in, in a folder of its own: minikube would copy the whole folder into the cluster, with
 * node_modules, and certs/local with its keys, before the builder looks at .dockerignore.
 */
function stageContext (): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-images-'))
  const allowed = readFileSync('.dockerignore', 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1).trim())
  for (const path of ['.dockerignore', ...allowed, ...services.map((service) => `${service}/Dockerfile`)].filter((path) => existsSync(path))) {
    cpSync(path, join(folder, path), {
      recursive: true,
      filter: (source) => source === '.dockerignore' || !/^(\..*|node_modules|dist)$/.test(basename(source))
    })
  }
  return folder
}
