import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Redis } from 'ioredis'
import { RedisLimiter, type RedisLimiterOptions } from '../../src/limits/redis-limiter.ts'
import { recordingLog } from './recording-log.ts'
import { freePort, hasRedis, startRedis } from './redis-process.ts'

const SECONDS = 1000

async function openLimiter (t: TestContext, options: Omit<RedisLimiterOptions, 'log'>): Promise<RedisLimiter> {
  const limiter = new RedisLimiter({ maxClients: 1000, ...options, log: recordingLog() })
  t.after(() => {
    limiter.close()
    assert.equal(limiter.failures, 0, 'Redis decided every request')
  })
  assert.ok(await limiter.opened)
  return limiter
}

async function openClient (t: TestContext, url: string): Promise<Redis> {
  const client = new Redis(url)
  t.after(() => client.disconnect())
  return client
}

test('two gateways together admit what one would', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limit = { url, requestsPerSecond: 0.01, burst: 50 }
  const gateways = [await openLimiter(t, limit), await openLimiter(t, limit)]

  const decisions = await Promise.all(Array.from({ length: 200 }, (_, number) => gateways[number % 2]!.consume('a')))
  const admitted = decisions.filter((decision) => decision.admitted)
  assert.deepEqual(admitted.map(({ remaining }) => remaining).sort((a, b) => b - a), Array.from({ length: 50 }, (_, n) => 49 - n))
  for (const { ttlMs } of decisions.filter((decision) => !decision.admitted)) {
    assert.ok(ttlMs > 80 * SECONDS && ttlMs <= 100 * SECONDS, `${ttlMs} ms until the next request`)
  }
  assert.ok((await gateways[1]!.consume('b')).admitted)
})

test('over time they admit the burst and the rate, no more and no less', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limit = { url, requestsPerSecond: 200, burst: 20 }
  const gateways = [await openLimiter(t, limit), await openLimiter(t, limit)]

  let admitted = 0
  const from = performance.now()
  while (performance.now() - from < 1 * SECONDS) {
    const decisions = await Promise.all(gateways.map((gateway) => gateway.consume('a')))
    admitted += decisions.filter((decision) => decision.admitted).length
  }
  const seconds = (performance.now() - from) / SECONDS
  assert.ok(admitted <= 20 + 200 * seconds + 1, `${admitted} in ${seconds} s`)
  assert.ok(admitted >= 20 + 200 * 0.9, `${admitted} in ${seconds} s`)
})

test('one request is one round trip', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limiter = await openLimiter(t, { url, requestsPerSecond: 1, burst: 10 })
  const monitor = await (await openClient(t, url)).monitor()
  t.after(() => monitor.disconnect())
  const commands: string[] = []
  const seenAll = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [command]: string[], source: string) => {
      if (source !== 'lua') commands.push(command!.toLowerCase())
      if (commands.at(-1) === 'evalsha' && commands.length === 100) resolve()
    })
  })
  for (let request = 0; request < 100; request++) await limiter.consume(`client ${request % 20}`)
  await seenAll
  assert.deepEqual(commands, ['eval', ...new Array(99).fill('evalsha')])
})

test('an answer that came in time counts, even when this process was too busy to read it', async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limiter = await openLimiter(t, { url, requestsPerSecond: 0.001, burst: 10 })
  await limiter.consume('a')
  const decision = limiter.consume('a')
  const from = performance.now()
  while (performance.now() - from < 300);
  assert.equal((await decision).remaining, 8)
  assert.equal(limiter.failures, 0)
})

test('a key has a prefix and lives until the allowance is full again', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limiter = await openLimiter(t, { url, requestsPerSecond: 10, burst: 10 })
  const client = await openClient(t, url)
  await limiter.consume('203.0.113.7')
  const { ttlMs } = await limiter.consume('203.0.113.7')
  const lifetime = await client.pttl('model-edge:rate:203.0.113.7')
  assert.ok(lifetime > 0 && lifetime <= Math.ceil(ttlMs) && ttlMs <= 200, `${lifetime} of ${ttlMs} ms`)
  while (await client.dbsize() > 0);
  assert.equal((await limiter.consume('203.0.113.7')).remaining, 9)
})

test('a time far ahead, from a clock set back or a larger limit, is a spent allowance and no more', async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const limiter = await openLimiter(t, { url, requestsPerSecond: 100, burst: 2 })
  const client = await openClient(t, url)
  await client.set('model-edge:rate:a', '9e15')
  const { admitted, ttlMs } = await limiter.consume('a')
  assert.deepEqual({ admitted, ttlMs }, { admitted: false, ttlMs: 10 })
})
