import { ask, StepError } from './command.ts'

// Both are from 2024: kustomize 5.4, and BuildKit in minikube's own Docker (kubernetes/minikube#18487).
const oldestKubectl = 30
const oldestMinikube = [1, 34]

const howToStart = 'minikube start --cni=calico   (calico enforces the network policies; 2 CPUs and 4 GB are enough)'

/**
 * Sees to it that everything is there that the next steps use.
 * @returns the name of the running cluster, which is minikube's profile and kubectl's context
 * @throws {StepError} with what is missing and where it is to be had
 */
export function checkTools (): string {
  const kubectl = ask('kubectl', 'version', '--client', '--output=json')
  if (kubectl.missing) throw new StepError('kubectl is not installed: https://kubernetes.io/docs/tasks/tools/')
  const { gitVersion, minor } = readVersion(kubectl.stdout)
  if (minor < oldestKubectl) throw new StepError(`kubectl ${gitVersion} is too old; 1.${oldestKubectl} or newer is needed.`)

  const minikube = ask('minikube', 'version', '--short')
  if (minikube.missing) throw new StepError('minikube is not installed: https://minikube.sigs.k8s.io/docs/start/')
  const version = minikube.stdout.trim()
  const [, major = 0, minorVersion = 0] = /v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  if (major < oldestMinikube[0]! || (major === oldestMinikube[0] && minorVersion < oldestMinikube[1]!)) {
    throw new StepError(`minikube ${version} is too old; ${oldestMinikube.join('.')} or newer is needed.`)
  }

  const profile = runningProfile()
  process.stdout.write(`kubectl ${gitVersion}, minikube ${version}, cluster "${profile}" runs.\n`)
  return profile
}

function readVersion (json: string): { gitVersion: string, minor: number } {
  try {
    const { gitVersion, minor } = (JSON.parse(json) as { clientVersion: { gitVersion: string, minor: string } }).clientVersion
    return { gitVersion, minor: Number.parseInt(minor) }
  } catch {
    throw new StepError('kubectl does not tell its version; is it the one from https://kubernetes.io/docs/tasks/tools/ ?')
  }
}

interface Status { Name: string, Host: string, APIServer: string }

/** `minikube status` exits non-zero where something is stopped; what it says is what counts. */
function runningProfile (): string {
  let nodes: Status[] = []
  try {
    nodes = [JSON.parse(ask('minikube', 'status', '--output=json').stdout)].flat() as Status[]
  } catch {
    // No JSON: no cluster. The sentence below says so.
  }
  const [first] = nodes
  if (first?.Host === 'Running' && first.APIServer === 'Running') return first.Name
  throw new StepError(`no cluster runs. Start one: ${howToStart}`)
}
