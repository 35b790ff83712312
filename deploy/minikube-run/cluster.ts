import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { isIPv6 } from 'node:net'
import { answerOf, ask, run, StepError } from './command.ts'
import { answers } from './smoke.ts'

export const namespace = 'model-edge'
const services = ['redis', 'predictor', 'gateway']
const patience = '--timeout=5m'

interface Service {
  spec: { ports: { name: string, nodePort?: number }[] }
  status: { loadBalancer: { ingress?: { ip?: string, hostname?: string }[] } }
}

/** Where the gateway answers from here, and how that came about when it is not the usual way. */
export interface Address { url: string, note?: string }

/** The running minikube, through kubectl and always with its context: never another cluster that kubectl knows. */
export class Cluster {
  readonly profile: string

  constructor (profile: string) {
    this.profile = profile
  }

  /** Every address that the gateway is or will be reached at: minikube's own, and the tunnel's when it has one. */
  addresses (): string[] {
    return [this.#ip(), ...this.#tunnelled()]
  }

  /** The Deployments that are there already. */
  deployments (): string[] {
    const { status, stdout } = this.#ask('get', 'deployments', '--output=name')
    return status === 0 ? stdout.split('\n').map((name) => name.replace(/^.*\//, '')).filter((name) => name !== '') : []
  }

  apply (): void {
    run('kubectl', '--context', this.profile, 'apply', '-k', 'deploy/minikube')
  }

  restart (names: string[]): void {
    if (names.length > 0) run('kubectl', ...this.#in('rollout', 'restart', ...names.map((name) => `deployment/${name}`)))
  }

  /** @throws {StepError} when pods are not ready in time, after a look at them */
  waitForRollout (): void {
    try {
      for (const name of services) run('kubectl', ...this.#in('rollout', 'status', `deployment/${name}`, patience))
    } catch (error) {
      run('kubectl', ...this.#in('get', 'pods', '--output=wide'))
      run('kubectl', ...this.#in('get', 'events', '--sort-by=.lastTimestamp'))
      throw error
    }
  }

  /** Calls back with an address that answers: the tunnel's, a node port's, or of a port forwarded for that long. */
  async withAddress (use: (address: Address) => Promise<void>): Promise<void> {
    const tunnel = this.#tunnelled().map((host) => ({ url: `https://${bracketed(host)}` }))
    const port = this.#gateway()?.spec.ports.find(({ name }) => name === 'https')?.nodePort
    const node = { url: `https://${bracketed(this.#ip())}:${port}`, note: 'With `minikube tunnel` running in another terminal, run this again: https without a port.' }
    for (const address of [...tunnel, ...port === undefined ? [] : [node]]) {
      if (await answers(address.url)) return use(address)
    }
    await this.#forwarded(use)
  }

  remove (): void {
    run('kubectl', '--context', this.profile, 'delete', 'namespace', namespace, '--ignore-not-found', patience)
  }

  async #forwarded (use: (address: Address) => Promise<void>): Promise<void> {
    const forward = spawn('kubectl', this.#in('port-forward', 'service/gateway', ':443'), { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(forward, 'exit').then(() => undefined)
    try {
      const [line] = await Promise.race([once(createInterface(forward.stdout), 'line'), ended]) as [string] | undefined ?? []
      const port = line === undefined ? undefined : /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port === undefined) throw new StepError('the gateway answers at no address, and its port cannot be forwarded.')
      await use({
        url: `https://127.0.0.1:${port}`,
        note: `That was a forwarded port. From now on: kubectl --context ${this.profile} -n ${namespace} port-forward service/gateway ${port}:443`
      })
    } finally {
      forward.kill()
      await ended
    }
  }

  #ip (): string {
    return answerOf('minikube', '--profile', this.profile, 'ip').trim()
  }

  #tunnelled (): string[] {
    return this.#gateway()?.status.loadBalancer.ingress?.flatMap(({ ip, hostname }) => ip ?? hostname ?? []) ?? []
  }

  #gateway (): Service | undefined {
    const { status, stdout } = this.#ask('get', 'service', 'gateway', '--output=json')
    return status === 0 ? JSON.parse(stdout) as Service : undefined
  }

  #ask (...args: string[]) {
    return ask('kubectl', ...this.#in(...args))
  }

  #in (...args: string[]): string[] {
    return ['--context', this.profile, '--namespace', namespace, ...args]
  }
}

function bracketed (host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}
