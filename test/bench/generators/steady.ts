import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { isExpected } from '../payload.ts'
import { nodeTls } from '../tls.ts'
import type { BenchScope } from '../scope.ts'
import { check } from './load.ts'
import type { Load } from './load.ts'

export interface SteadyLoad extends Load { ca: Buffer, perSecond: number }

/**
 * Requests at a steady rate, whatever becomes of those before: a slow answer delays no later request, and a request that has
 * to wait for a free connection waits on the clock. The connections are opened before: what a handshake costs is another figure.
 * @returns milliseconds from each request to the end of its answer, sorted
 * @throws Error at a wrong answer
 */
export async function steadyLatencies (scope: BenchScope, what: SteadyLoad): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: what.connections, scheduling: 'fifo', ca: what.ca, ...nodeTls })
  const counted = { requests: 0, wrong: 0, failed: 0 }
  const asked: Promise<number>[] = []
  try {
    await Promise.all(Array.from({ length: what.connections }, () => timed(agent, what, { ...counted })))
    const total = what.seconds * what.perSecond
    const began = performance.now()
    while (asked.length < total && !scope.signal.aborted) {
      const due = Math.min(total, (performance.now() - began) / 1000 * what.perSecond)
      while (asked.length < due) asked.push(timed(agent, what, counted))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const times = await Promise.all(asked)
    check(what, counted)
    return times.sort((a, b) => a - b)
  } finally {
    agent.destroy()
  }
}

interface Counts { requests: number, wrong: number, failed: number }

/** Milliseconds from a request to its whole answer. */
async function timed (agent: Agent, { url, payload }: Load, counted: Counts): Promise<number> {
  const from = performance.now()
  const sent = request(`${url}/predict`, { method: 'POST', agent, headers: { 'content-type': payload.contentType } })
  sent.end(payload.body)
  try {
    const [response] = await once(sent, 'response')
    response.setEncoding('utf8')
    let body = ''
    response.on('data', (chunk: string) => { body += chunk })
    await once(response, 'end')
    counted.requests++
    if (response.statusCode !== 200 || !isExpected(payload, body)) counted.wrong++
  } catch {
    counted.failed++
  }
  return performance.now() - from
}
