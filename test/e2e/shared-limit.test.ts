import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { healthPath, startRecordingUpstream } from './differential/recording-upstream.ts'
import { freePort } from './free-port.ts'
import { fromSource, run } from './process.ts'
import { hasRedis, startRedis } from './redis.ts'
import { freePorts, makeCertificates } from './stack.ts'

const unreachable = /"msg":"The shared rate limit is unreachable/
const back = /"msg":"The shared rate limit is back/

function needsRedis (t: TestContext): boolean {
  if (hasRedis) return true
  assert.notEqual(process.env.REQUIRE_TOOLS, '1', 'redis-server is not installed')
  t.skip('redis-server is not installed')
  return false
}

/** Two gateways before one upstream, with one limit in one Redis. */
async function startTwo (t: TestContext, limit: Record<string, string>) {
  const redisPort = await freePort()
  const redis = await startRedis(t, redisPort)
  const upstream = await startRecordingUpstream(t)
  const { env, ca } = await makeCertificates(t)
  const store = { RATE_LIMIT_STORE_URL: `redis://127.0.0.1:${redisPort}`, PREDICTOR_URL: upstream.url, MAX_CONNECTIONS_PER_CLIENT: '100', UPSTREAM_HEALTH_PATH: healthPath }
  const start = async () => {
    const gateway = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...env, ...store, ...limit })
    const [line] = await gateway.said(/^\{.*"msg":"listening".*\}$/m)
    const agent = new Agent({ keepAlive: true, maxSockets: 100, ca })
    t.after(() => agent.destroy())
    return { gateway, ask: () => ask(`${JSON.parse(line).url}/x`, agent) }
  }
  return { redis, redisPort, upstream, gateways: await Promise.all([start(), start()]) }
}

async function ask (url: string, agent: Agent): Promise<{ status: number, headers: IncomingHttpHeaders }> {
  const sent = request(url, { agent })
  sent.end()
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
  return { status: response.statusCode, headers: response.headers }
}

test('two gateways together admit what one would', async (t) => {
  if (!needsRedis(t)) return
  const { gateways, upstream } = await startTwo(t, { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '20' })
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => gateways[index % 2]!.ask()))
  const refused = answers.filter(({ status }) => status === 429)
  assert.equal(answers.filter(({ status }) => status === 200).length, 20)
  assert.equal(refused.length, 40)
  assert.equal(upstream.take().requests.length, 20)
  // The next is admitted when a whole request's share is back: 1,000 s at this rate, less what has passed.
  for (const { headers } of refused) assert.ok(Number(headers['retry-after']) > 900 && Number(headers['retry-after']) <= 1000, headers['retry-after'])
})

test('losing Redis under load fails no request and is told once; when it is back, so is the shared limit', async (t) => {
  if (!needsRedis(t)) return
  const burst = 100_000
  const { gateways, redis, redisPort } = await startTwo(t, { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: String(burst) })
  const total = 600
  let asked = 0
  let answered = 0
  let killed: Promise<void> | undefined
  const statuses: number[] = []
  const client = async (_: unknown, index: number) => {
    while (asked < total) {
      asked++
      statuses.push((await gateways[index % 2]!.ask()).status)
      if (++answered === 200) killed = redis.kill()
    }
  }
  // As many in flight all the time, so that some are between gateway and Redis when it dies.
  await Promise.all(Array.from({ length: 200 }, client))
  await killed
  assert.deepEqual(statuses.filter((status) => status !== 200), [])
  assert.ok(statuses.length >= total)

  for (const { ask } of gateways) assert.equal((await ask()).status, 200)
  for (const { gateway } of gateways) await gateway.said(unreachable)

  await startRedis(t, redisPort)
  for (const { ask, gateway } of gateways) {
    // Told by the first request that Redis decides again, which comes after the next attempt to connect.
    while (!back.test(gateway.output())) assert.equal((await ask()).status, 200)
  }
  const remaining = async (index: number) => Number((await gateways[index]!.ask()).headers['ratelimit-remaining'])
  const first = await remaining(0)
  assert.deepEqual([await remaining(1), await remaining(0), await remaining(1)], [first - 1, first - 2, first - 3])
  for (const { gateway } of gateways) assert.equal(gateway.output().split(unreachable).length, 2, 'told once')
})
