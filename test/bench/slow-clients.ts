import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { fromSource, run } from '../e2e/process.ts'
import { freePorts, makeCertificates } from '../e2e/stack.ts'

/**
 * What an honest client notices of 500 slow ones (slow headers, body, read, handshake and HTTP/2 stream, 100 each), with the
 * gateway's limits as they are by default: its answers' times and the gateway's share of a core, in quiet and under attack, by
 * turns.
 *
 *     node --import tsx test/bench/slow-clients.ts [runs]
 */
const runs = Number(process.argv[2] ?? 3)
// Fewer seconds than any limit has: nobody is let go, or comes back, while it is measured.
const [seconds, perSecond] = [4, 300]
// In which the last ones' connections end.
const settling = 3000

const cleanups: (() => unknown)[] = []
const scope = { after: (cleanup: () => unknown) => { cleanups.push(cleanup) } } as never

// A process of its own: what it costs is not the gateway's, nor the honest client's.
const upstream = run(scope, fromSource('test/bench/endless-upstream.ts'), {})
const [, port] = await upstream.said(/port (\d+)/)

const { env, ca } = await makeCertificates(scope)
const gateway = run(scope, fromSource('gateway/src/server.ts'), {
  ...freePorts, ...env, HTTP2: 'on', RATE_LIMIT_RPS: '0', PREDICTOR_URL: `http://127.0.0.1:${port}`
})
const { url } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
const agent = new Agent({ keepAlive: true, maxSockets: 32, ca })

/** Milliseconds from a request to its whole answer. */
async function once200 (): Promise<number> {
  const from = performance.now()
  const asked = request(`${url}/`, { agent }).end()
  const [response] = await once(asked, 'response')
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
  response.resume()
  await once(response, 'end')
  return performance.now() - from
}

/** Requests at a steady rate, whatever becomes of those before (no coordinated omission). */
async function times (): Promise<number[]> {
  const asked: Promise<number>[] = []
  const start = performance.now()
  while (asked.length < seconds * perSecond) {
    while (asked.length < (performance.now() - start) / 1000 * perSecond) asked.push(once200())
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return (await Promise.all(asked)).sort((a, b) => a - b)
}

const settled = () => new Promise((resolve) => setTimeout(resolve, settling))

/** Seconds of a core that the gateway has used (proc(5): utime and stime, in hundredths). */
function cpuSeconds (): number {
  const [, rest] = readFileSync(`/proc/${gateway.child.pid}/stat`, 'latin1').split(') ')
  const fields = rest!.split(' ').map(Number)
  return (fields[11]! + fields[12]!) / 100
}

async function measured () {
  const before = cpuSeconds()
  const sorted = await times()
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), core: Number(((cpuSeconds() - before) / seconds).toFixed(3)) }
}

const at = (sorted: number[], part: number) => Number(sorted[Math.ceil(sorted.length * part) - 1]!.toFixed(2))

try {
  await times()
  for (let index = 0; index < runs; index++) {
    const quiet = await measured()
    const slow = run(scope, fromSource('test/e2e/slow-clients.ts', new URL(url).port, '100'))
    // While they come, and the slow readers fill every buffer on the way, 4 MB each: that is a download, not a slow one.
    const coming = await measured()
    await slow.said(/"held":(?:4[89]\d|500),/)
    const attacked = await measured()
    slow.child.kill('SIGKILL')
    await slow.ended
    await settled()
    const ratio = Number((attacked.p99 / quiet.p99).toFixed(2))
    process.stdout.write(`${JSON.stringify({ quiet, coming, attacked, ratio, said: slow.output().trim().split('\n').at(-1) })}\n`)
  }
} finally {
  agent.destroy()
  for (const cleanup of cleanups) await cleanup()
}
