import { loadWithAutocannon } from '../generators/autocannon.ts'
import { check, load } from '../generators/load.ts'
import { steadyLatencies } from '../generators/steady.ts'
import { prediction } from '../payload.ts'
import type { Field } from '../peers/field.ts'
import type { PeerId } from '../peers/peer.ts'
import type { BenchScope } from '../scope.ts'
import { percentile } from '../statistics.ts'
import type { Comparison, Quantity } from './figure.ts'

const perSecond = 1000
const connections = 32
const steady: Quantity = { id: 'p99', title: `p99 at ${perSecond} requests/s, evenly spaced`, unit: 'ms', digits: 2 }
const bursts: Quantity = { id: 'p99-bursts', title: `p99 at ${perSecond} requests/s, a burst a second`, unit: 'ms', digits: 1 }
const added: Quantity = { id: 'added', title: 'latency added at 1 connection', unit: 'µs', digits: 0 }

// Those that stand before the same predictor, Nginx as it is usually deployed.
const edges: PeerId[] = ['gateway', 'nginx']
const edgesOf = ({ peers }: Field) => peers.filter(({ id }) => edges.includes(id))

/** The 99th percentile at a rate that every edge manages, requests coming one by one. */
export function steadyRate (scope: BenchScope, field: Field, seconds: number): Comparison {
  return edgesOf(field).map((peer) => async () => {
    const what = { ...peer, payload: prediction, connections, seconds, perSecond, ca: field.certificate.ca }
    return [{ quantity: steady, server: peer.id, value: percentile(await steadyLatencies(scope, what), 0.99) }]
  })
}

/** The same number of requests as autocannon's fixed rate sends them: a second's all at its beginning. */
export function burstRate (scope: BenchScope, field: Field, seconds: number): Comparison {
  return edgesOf(field).map((peer) => async () => {
    const counted = await loadWithAutocannon(scope, { ...peer, payload: prediction, connections, seconds }, perSecond)
    return [{ quantity: bursts, server: peer.id, value: check(peer, counted).p99 }]
  })
}

/**
 * How much longer a request takes through an edge, over TLS, than at the predictor itself, over plain HTTP: the mean, with one
 * connection that is never without a request.
 */
export function addedLatency (scope: BenchScope, field: Field, seconds: number): Comparison {
  const mean = async (label: string, url: string) => {
    const counted = await load(scope, { label, url, payload: prediction, connections: 1, seconds })
    return counted.seconds / counted.requests * 1e6
  }
  // Together, since each edge is compared with the predictor of the same moment.
  return [async () => {
    const direct = await mean('the predictor itself', field.predictor.url)
    const samples = []
    for (const { id, label, url } of edgesOf(field)) samples.push({ quantity: added, server: id, value: await mean(label, url) - direct })
    return samples
  }]
}
