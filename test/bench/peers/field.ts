import { availableParallelism } from 'node:os'
import { fetchOnce } from '../../e2e/https.ts'
import { fromSource } from '../../e2e/process.ts'
import { makeCertificates } from '../../e2e/stack.ts'
import { prediction } from '../payload.ts'
import { start, told } from '../processes.ts'
import type { BenchScope } from '../scope.ts'
import { python } from '../tools.ts'
import { startFlask } from './flask.ts'
import { nginxBinary, startNginx } from './nginx.ts'
import { checkPeer } from './peer.ts'
import type { Certificate, Peer, PeerId } from './peer.ts'
import { buildProduct, startGateway, startPredictor } from './product.ts'
import type { Service } from './product.ts'

/** Everything that is measured, running. */
export interface Field {
  predictor: Service
  gateway: Service
  peers: Peer[]
  certificate: Certificate
  /** A sentence for each peer that this machine lacks the programs for. */
  skipped: string[]
}

/** Builds this project, starts it and the peers, and sees that each gives the right answer over the same TLS. */
export async function startField (scope: BenchScope): Promise<Field> {
  const skipped: string[] = []
  await buildProduct(scope)
  const certificate = await makeCertificates(scope)
  const predictor = await startPredictor(scope)
  const gateway = await startGateway(scope, certificate, predictor.url)
  const peers: Peer[] = [{ id: 'gateway', label: 'model-edge', url: gateway.url, pids: () => [gateway.pid] }]

  if (nginxBinary === undefined) skipped.push('Nginx, and Flask behind it: nginx is not installed')
  else await startNginxPeers(scope, { peers, certificate, predictor, headers: await gatewayHeaders(gateway.url, certificate.ca), skipped })
  peers.push(await startConstant(scope, certificate))
  await checkAll(peers, certificate.ca)
  return { predictor, gateway, peers, certificate, skipped }
}

interface Behind {
  peers: Peer[]
  certificate: Certificate
  predictor: Service
  headers: Record<string, string>
  skipped: string[]
}

async function startNginxPeers (scope: BenchScope, { peers, certificate, predictor, headers, skipped }: Behind): Promise<void> {
  const cores = availableParallelism()
  const add = async (id: PeerId, label: string, workers: number, upstream: string) => {
    peers.push({ id, label, ...await startNginx(scope, { certificate, workers, upstream, headers }) })
  }
  const { host } = new URL(predictor.url)
  await add('nginx', `Nginx, ${cores} workers, same predictor`, cores, host)
  await add('nginx-worker', 'Nginx, 1 worker, same predictor', 1, host)
  if (python === undefined) {
    skipped.push('Flask: no Python with flask, gunicorn and sklearn is installed')
    return
  }
  await add('flask', 'Nginx → Gunicorn → Flask, as usual', cores, startFlask(scope, 'usual'))
  await add('flask-tuned', 'Nginx → Gunicorn → Flask, tuned', cores, startFlask(scope, 'tuned'))
}

async function startConstant (scope: BenchScope, { env }: Certificate): Promise<Peer> {
  const constant = start(scope, process.execPath, fromSource('test/bench/peers/constant-server.ts'), { NODE_ENV: 'production', ...env })
  const { url } = await told<{ url: string }>(constant)
  return { id: 'constant', label: 'node:https, a constant', url, pids: () => [constant.pid] }
}

// What every HTTP server sends of itself, the predictor sends too, or Nginx makes for each request.
const sentAnyway = new Set(['content-type', 'content-length', 'date', 'connection', 'keep-alive', 'x-request-id'])

/** The headers that the gateway adds to an answer. What counts down for each client is a constant at the peers. */
async function gatewayHeaders (url: string, ca: Buffer): Promise<Record<string, string>> {
  const { contentType, body } = prediction
  const { headers } = await fetchOnce(`${url}/predict`, { method: 'POST', ca, headers: { 'content-type': contentType }, body })
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !sentAnyway.has(name)).map(([name, value]) => [name, String(value)]))
}

/** @throws Error when a peer does not answer, or when Nginx spares itself a header that the gateway sends */
async function checkAll (peers: Peer[], ca: Buffer): Promise<void> {
  const sent = new Map<PeerId, string[]>()
  for (const peer of peers) sent.set(peer.id, await checkPeer(peer, ca))
  for (const { id, label } of peers.filter(({ id }) => id !== 'constant')) {
    const missing = sent.get('gateway')!.filter((name) => !sent.get(id)!.includes(name))
    if (missing.length > 0) throw new Error(`${label} does not answer with ${missing.join(', ')}`)
  }
}
