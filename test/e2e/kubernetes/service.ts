import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import type { Tally } from '../load.ts'
import type { Pods, RunningPod } from './pods.ts'

const kept = 6
const fresh = 2
/** In ms. A cluster asks every two seconds: what takes part there without being ready takes part longer than here. */
const askedEvery = 100
// As in the manifests.
const failureThreshold = 2

/** How many requests are under way at once in a load. */
export const atOnce = kept + fresh

/**
 * The gateway's Service, as much of it as its clients see: every new connection goes to one of the Pods that are ready, in
 * turn, and the open ones stay where they are. Its clients repeat nothing.
 */
export class Service {
  /** Connections that each Pod was given. */
  readonly connections = new Map<string, number>()
  readonly #cluster: Pods
  readonly #ca: Buffer
  readonly #ready = new Set<RunningPod>()
  #turn = 0
  #closed = false

  constructor (cluster: Pods, pods: RunningPod[], ca: Buffer) {
    this.#cluster = cluster
    this.#ca = ca
    for (const pod of pods) this.add(pod)
  }

  /** Takes in a Pod that is ready, and asks it from then on whether it still is. */
  add (pod: RunningPod): void {
    this.#ready.add(pod)
    void this.#watch(pod)
  }

  close (): void {
    this.#closed = true
  }

  /** One prediction on a connection of its own, or on one of `agent`'s. */
  async predict (agent?: Agent): Promise<{ status: number, remaining: number }> {
    const sent = request({
      // Node.js takes no agent at all where a request says itself how to connect.
      ...agent === undefined ? { createConnection: () => this.#connect() } : { agent },
      method: 'POST',
      path: '/predict',
      headers: { host: 'localhost', 'content-type': 'application/json', ...agent === undefined && { connection: 'close' } }
    })
    sent.end('{"iris_dimensions":[5.1,3.5,1.4,0.2]}')
    const [response] = await once(sent, 'response')
    response.setEncoding('utf8')
    let text = ''
    for await (const chunk of response) text += chunk
    if (response.statusCode === 200 && text !== '{"iris_type":"Iris-setosa"}') throw new Error(`answered ${text}`)
    return { status: response.statusCode, remaining: Number(response.headers['ratelimit-remaining']) }
  }

  /** Predictions one after another on some kept-alive connections, and on fresh ones, until it is stopped. */
  startLoad (): { tally: Tally, stop: () => Promise<{ rate: number }> } {
    const agent = new Agent({ keepAlive: true, maxSockets: kept })
    // The Agent's own choice of a connection is by address; the address is what is chosen here.
    Object.assign(agent, { createConnection: () => this.#connect() })
    const tally: Tally = { sent: 0, answered: 0, lost: [] }
    const stopped = new AbortController()
    const started = performance.now()
    const client = async (_: unknown, index: number) => {
      while (!stopped.signal.aborted) {
        tally.sent++
        try {
          const { status } = await this.predict(index < kept ? agent : undefined)
          if (status === 200) tally.answered++
          else tally.lost.push(`status ${status}`)
        } catch (error) {
          tally.lost.push((error as Error).message)
        }
      }
    }
    const clients = Array.from({ length: atOnce }, client)
    return {
      tally,
      stop: async () => {
        const rate = Math.round(tally.answered / (performance.now() - started) * 1000)
        stopped.abort()
        await Promise.all(clients)
        agent.destroy()
        return { rate }
      }
    }
  }

  #connect () {
    const pods = [...this.#ready]
    const pod = pods[this.#turn++ % pods.length]
    if (pod === undefined) return new Socket().destroy(new Error('no gateway is ready'))
    this.connections.set(pod.name, (this.connections.get(pod.name) ?? 0) + 1)
    return connect({ host: '127.0.0.1', port: pod.ports.https, servername: 'localhost', ca: this.#ca, ALPNProtocols: ['http/1.1'] })
  }

  /** A Pod that ends is not ready first, and never is again. */
  async #watch (pod: RunningPod): Promise<void> {
    for (let failed = 0; !this.#closed && failed < failureThreshold;) {
      await sleep(askedEvery)
      failed = await this.#cluster.isReady(pod) ? 0 : failed + 1
    }
    this.#ready.delete(pod)
  }
}
