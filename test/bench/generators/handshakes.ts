import { availableParallelism } from 'node:os'
import { opensslEnvironment } from '../tls.ts'
import { runTool } from '../tools.ts'
import type { BenchScope } from '../scope.ts'

export interface Handshakes {
  /** Completed, each on a connection of its own. */
  count: number
  seconds: number
}

/**
 * Full handshakes, as many as go through: one `openssl s_time` a core, none of which resumes a session.
 * @param url whose host and port are connected to
 */
export async function fullHandshakes (scope: BenchScope, openssl: string, url: string, seconds: number): Promise<Handshakes> {
  const args = ['s_time', '-connect', new URL(url).host, '-new', '-time', String(seconds)]
  const began = performance.now()
  const clients = Array.from({ length: availableParallelism() }, () => runTool(scope, openssl, args, opensslEnvironment(scope.folder)))
  const outputs = await Promise.all(clients)
  const count = outputs.reduce((sum, output) => sum + counted(output), 0)
  return { count, seconds: (performance.now() - began) / 1000 }
}

/** s_time ends with "1234 connections in 5 real seconds, …". */
function counted (output: string): number {
  const found = /^(\d+) connections in \d+ real seconds/m.exec(output)
  if (found === null || found[1] === '0') throw new Error(`openssl s_time made no connection:\n${output}`)
  return Number(found[1])
}
