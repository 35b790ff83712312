import { load } from '../generators/load.ts'
import { batch, prediction, rowsPerBatch } from '../payload.ts'
import type { Field } from '../peers/field.ts'
import type { BenchScope } from '../scope.ts'
import { hasProc, residentMegabytes } from '../usage.ts'
import type { Comparison, Quantity, Sample } from './figure.ts'

const requestsPerSecond = (connections: number): Quantity =>
  ({ id: `requests-${connections}`, title: `requests/s, ${connections} connections`, unit: 'requests/s', digits: 0 })
const rowsPerSecond: Quantity = { id: 'rows', title: `NDJSON rows/s, ${rowsPerBatch} rows a request`, unit: 'rows/s', digits: 0 }
const memory: Quantity = { id: 'memory', title: 'memory under load (RSS)', unit: 'MB', digits: 0 }

/** Requests as many as go through, at every peer; and the services' memory meanwhile. */
export function throughput (scope: BenchScope, { peers, predictor }: Field, connections: number, seconds: number): Comparison {
  const quantity = requestsPerSecond(connections)
  return peers.map((peer) => async () => {
    const run = () => load(scope, { ...peer, payload: prediction, connections, seconds })
    if (!hasProc || peer.id !== 'gateway') return [{ quantity, server: peer.id, value: perSecond(await run()) }]
    const { result, highest } = await whileSampling({ gateway: peer.pids(), predictor: [predictor.pid] }, run)
    const samples = Object.entries(highest).map(([server, value]): Sample => ({ quantity: memory, server, value }))
    return [{ quantity, server: peer.id, value: perSecond(result) }, ...samples]
  })
}

// Few: more would wait in the predictor's queue, which is bounded.
const batchConnections = 4

/** Rows of NDJSON batches through the gateway. */
export function batches (scope: BenchScope, { gateway }: Field, seconds: number): Comparison {
  return [async () => {
    const counted = await load(scope, { label: 'model-edge', url: gateway.url, payload: batch, connections: batchConnections, seconds })
    return [{ quantity: rowsPerSecond, server: 'gateway', value: perSecond(counted) * rowsPerBatch }]
  }]
}

const perSecond = ({ requests, seconds }: { requests: number, seconds: number }) => requests / seconds

/** @returns the most resident memory that each was seen with while it ran, in MB */
async function whileSampling <T> (processes: Record<string, number[]>, run: () => Promise<T>) {
  const highest: Record<string, number> = {}
  const look = () => {
    for (const [name, pids] of Object.entries(processes)) highest[name] = Math.max(highest[name] ?? 0, residentMegabytes(pids))
  }
  const sampling = setInterval(look, 100)
  try {
    const result = await run()
    look()
    return { result, highest }
  } finally {
    clearInterval(sampling)
  }
}
