import { fullHandshakes } from '../generators/handshakes.ts'
import type { Field } from '../peers/field.ts'
import type { BenchScope } from '../scope.ts'
import { openssl } from '../tools.ts'
import { cpuSeconds, hasProc } from '../usage.ts'
import type { Comparison, Quantity } from './figure.ts'

const perCpuSecond: Quantity = { id: 'handshakes', title: 'full TLS handshakes in a second of CPU time', unit: 'handshakes/s', digits: 0 }
const perSecond: Quantity = { id: 'handshakes-clock', title: 'full TLS handshakes/s, clients on the same cores', unit: 'handshakes/s', digits: 0 }

/**
 * Full handshakes of one process: of the gateway, and of an Nginx with one worker.
 *
 * A client's part of a handshake costs more than a server's, and on one machine the clients take the cores first. What a
 * process can do on a core of its own is therefore read from its CPU time; what came about by the clock is told beside it.
 */
export function handshakes (scope: BenchScope, { peers }: Field, seconds: number): Comparison {
  if (openssl === undefined || !hasProc) return []
  return peers.filter(({ id }) => id === 'gateway' || id === 'nginx-worker').map(({ id: server, url, pids }) => async () => {
    const before = cpuSeconds(pids())
    const { count, seconds: elapsed } = await fullHandshakes(scope, openssl!, url, seconds)
    const used = cpuSeconds(pids()) - before
    return [{ quantity: perCpuSecond, server, value: count / used }, { quantity: perSecond, server, value: count / elapsed }]
  })
}
