import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtImages } from '../containers/built-images.ts'
import { startEngine } from '../containers/engine.ts'
import type { Engine } from '../containers/engine.ts'
import { freePort } from '../free-port.ts'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'
import { named } from './objects.ts'
import type { KubernetesObject, Labels } from './objects.ts'
import { makeRedisImage } from './redis-image.ts'
import { readiness, transformed } from './transformed.ts'

const network = 'model-edge'
// As the manifests' timeoutSeconds, in ms.
const probeTimeout = 2000

/** A Pod that runs. */
export interface RunningPod {
  name: string
  deployment: string
  container: string
  ports: Record<string, number>
}

/** As much of a cluster as `podman play kube` and a test can be: it runs Pods, asks whether they are ready, ends them. */
export class Pods {
  readonly engine: Engine
  readonly objects: KubernetesObject[]
  readonly #folder: string
  readonly #tlsFolder: string
  #count = 0

  private constructor (t: Scope, engine: Engine, objects: KubernetesObject[], tlsFolder: string) {
    this.engine = engine
    this.objects = objects
    this.#folder = temporaryFolder(t)
    this.#tlsFolder = tlsFolder
  }

  /** Images, network and Redis for the rendered objects; no service yet. */
  static async start (t: Scope, objects: KubernetesObject[], tlsFolder: string): Promise<Pods> {
    const engine = startEngine(t, (await builtImages()).store)
    await makeRedisImage(t, engine, named(objects, 'Deployment', 'redis').spec.template.spec.containers[0]!.image)
    await engine.podman('network', 'create', network)
    return new Pods(t, engine, objects, tlsFolder)
  }

  /** As many Pods of a Deployment as it has replicas, all ready. */
  runAll (deployment: string, settings: Labels = {}): Promise<RunningPod[]> {
    const { replicas = 1 } = named(this.objects, 'Deployment', deployment).spec
    return Promise.all(Array.from({ length: replicas }, () => this.run(deployment, settings)))
  }

  /** One more Pod of a Deployment; resolves when it is ready. Its name in DNS is that of the Deployment's Service. */
  async run (deployment: string, settings: Labels = {}): Promise<RunningPod> {
    const object = named(this.objects, 'Deployment', deployment)
    const [container] = object.spec.template.spec.containers
    const ports: Record<string, number> = {}
    for (const { name } of container!.ports) ports[name] = await freePort()
    const name = `${deployment}-${++this.#count}`
    const manifest = join(this.#folder, `${name}.yaml`)
    const documents = transformed(this.objects, object, { name, hostPorts: ports, tlsFolder: this.#tlsFolder, settings })
    writeFileSync(manifest, documents.map((document) => JSON.stringify(document)).join('\n---\n'))
    await this.engine.podman('play', 'kube', '--quiet', '--network', `${network}:alias=${deployment}`, manifest)
    const pod = { name, deployment, container: `${name}-${container!.name}`, ports }
    await this.#becomesReady(pod)
    return pod
  }

  /** Whether the Pod's readiness probe would succeed now; one without an answer in time does not. */
  async isReady ({ deployment, ports }: RunningPod): Promise<boolean> {
    const { path, port } = readiness(this.objects, deployment)
    const signal = AbortSignal.timeout(probeTimeout)
    const to = { host: '127.0.0.1', port: ports[port]! }
    try {
      if (path === undefined) {
        const socket = connect(to)
        await once(socket, 'connect', { signal }).finally(() => socket.destroy())
        return true
      }
      const asked = request({ ...to, path, agent: false, signal })
      asked.end()
      const [response] = await once(asked, 'response')
      response.resume()
      return response.statusCode === 200
    } catch {
      return false
    }
  }

  /** The Pod's address in the network of all Pods. */
  async addressOf ({ name }: RunningPod): Promise<string> {
    const infra = await this.engine.podman('pod', 'inspect', '--format', '{{.InfraContainerID}}', name)
    return this.engine.podman('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', infra)
  }

  /**
   * Ends a Pod as the kubelet does: SIGTERM, and SIGKILL when its grace period is over.
   * @returns its exit code
   */
  async end (pod: RunningPod): Promise<number> {
    const { terminationGracePeriodSeconds } = named(this.objects, 'Deployment', pod.deployment).spec.template.spec
    await this.engine.podman('stop', '--time', String(terminationGracePeriodSeconds), pod.container)
    const code = Number(await this.engine.podman('inspect', '--format', '{{.State.ExitCode}}', pod.container))
    await this.engine.podman('pod', 'rm', '--force', pod.name)
    return code
  }

  /** What was never ready is over: with its last words. */
  async #becomesReady (pod: RunningPod): Promise<void> {
    while (!await this.isReady(pod)) {
      if (await this.engine.podman('inspect', '--format', '{{.State.Running}}', pod.container) !== 'true') {
        throw new Error(`${pod.name} ended: ${(await this.engine.outcome('podman', ['logs', pod.container])).stdout}`)
      }
      await sleep(50)
    }
  }
}
