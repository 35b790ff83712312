import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Decision } from '../../src/limits/gcra.ts'
import { RedisLimiter, type RedisLimiterOptions } from '../../src/limits/redis-limiter.ts'
import { recordingLog } from './recording-log.ts'
import { freePort, hasRedis, startRedis } from './redis-process.ts'

const SECONDS = 1000
/** 100 ms for the answer; the rest is a busy machine's. */
const LONGEST_WAIT_MS = 400

function openLimiter (t: TestContext, options: Omit<RedisLimiterOptions, 'log'>) {
  const log = recordingLog()
  const limiter = new RedisLimiter({ maxClients: 10_000, ...options, log })
  t.after(() => limiter.close())
  return { limiter, log }
}

async function timed (limiter: RedisLimiter, client: string): Promise<Decision & { tookMs: number }> {
  const from = performance.now()
  const decision = await limiter.consume(client)
  return { ...decision, tookMs: performance.now() - from }
}

/** Sends requests of ever new clients, twenty at a time, until `done`. */
async function load (limiter: RedisLimiter, done: (rounds: number) => boolean) {
  const decisions: Array<Awaited<ReturnType<typeof timed>>> = []
  for (let round = 0; !done(round); round++) {
    decisions.push(...await Promise.all(Array.from({ length: 20 }, (_, n) => timed(limiter, `${round % 100} ${n}`))))
    await new Promise((resolve) => setImmediate(resolve)) // while Redis is away nothing else lets the loop turn
  }
  return decisions
}

test('killing Redis under load fails no request within the limit, and its return is noticed', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t, await freePort())
  const { limiter, log } = openLimiter(t, { url: redis.url, requestsPerSecond: 1e6, burst: 1000 })
  assert.ok(await limiter.opened)

  const decisions = await load(limiter, (rounds) => {
    if (rounds === 20) {
      assert.equal(limiter.failures, 0)
      redis.signal('SIGKILL')
    }
    return limiter.failures > 1000
  })
  assert.ok(!limiter.connected)
  assert.deepEqual(log.levels(), ['error'])

  await startRedis(t, redis.port)
  decisions.push(...await load(limiter, () => limiter.connected))
  const { failures } = limiter
  decisions.push(...await load(limiter, (rounds) => rounds === 20))
  assert.equal(limiter.failures, failures, 'Redis decides again')

  assert.deepEqual(decisions.filter(({ admitted }) => !admitted), [])
  assert.ok(Math.max(...decisions.map(({ tookMs }) => tookMs)) < LONGEST_WAIT_MS)
  assert.deepEqual(log.levels(), ['error', 'info'])
})

test('losing Redis gives nobody a fresh burst', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t, await freePort())
  const { limiter } = openLimiter(t, { url: redis.url, requestsPerSecond: 0.001, burst: 3 })
  assert.ok(await limiter.opened)
  for (const remaining of [2, 1, 0]) assert.equal((await limiter.consume('a')).remaining, remaining)
  await limiter.consume('b')
  await redis.signal('SIGKILL')
  assert.ok(!(await limiter.consume('a')).admitted)
  assert.equal((await limiter.consume('b')).remaining, 1)
  assert.equal(limiter.failures, 2)
})

test('a Redis that stops answering holds a request up once, briefly, and is dialled anew', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t, await freePort())
  const { limiter, log } = openLimiter(t, { url: redis.url, requestsPerSecond: 1e6, burst: 1000 })
  assert.ok(await limiter.opened)
  assert.ok((await limiter.consume('a')).admitted)

  await redis.signal('SIGSTOP')
  const waited = await Promise.all(Array.from({ length: 50 }, () => timed(limiter, 'a')))
  assert.ok(waited.every(({ admitted, tookMs }) => admitted && tookMs < LONGEST_WAIT_MS))
  assert.ok(waited.every(({ tookMs }) => tookMs > 90), 'they did wait for Redis')
  const stalledUntil = performance.now() + 2.5 * SECONDS // long enough for new connections to stall as well
  const later = await load(limiter, () => performance.now() > stalledUntil)
  assert.ok(later.every(({ admitted }) => admitted))
  const slow = later.filter(({ tookMs }) => tookMs > 90) // a busy machine may hold up one round or two
  assert.ok(slow.length < later.length / 100, `${slow.length} of ${later.length} waited`)

  await redis.signal('SIGCONT')
  await load(limiter, () => limiter.connected)
  assert.deepEqual(log.levels(), ['error', 'info'])
  assert.match(log.lines[0]!.text, /no answer within 100 ms/)
})

/** Something that takes connections at Redis' port; returns its URL and a wait for further connections. */
async function listen (t: TestContext, take: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    take(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `redis://127.0.0.1:${port}`,
    async connections (count: number) {
      while (sockets.size < count) await once(server, 'connection')
    }
  }
}

test('without Redis from the start each gateway limits on its own, and says so once', { timeout: 60 * SECONDS }, async (t) => {
  const { url, connections } = await listen(t, (socket) => socket.destroy())
  const { limiter, log } = openLimiter(t, { url, requestsPerSecond: 0.001, burst: 2 })
  assert.equal(await limiter.opened, false)
  await connections(5)
  const decisions = [await limiter.consume('a'), await limiter.consume('a'), await limiter.consume('a')]
  assert.deepEqual(decisions.map(({ admitted }) => admitted), [true, true, false])
  assert.equal(limiter.failures, 3)
  assert.equal(limiter.connected, false)
  assert.equal(log.lines.length, 1)
})

test('a connection whose handshake is never answered is given up and dialled anew', { timeout: 60 * SECONDS }, async (t) => {
  const { url, connections } = await listen(t, (socket) => socket.resume())
  const { limiter } = openLimiter(t, { url, requestsPerSecond: 1, burst: 2 })
  await connections(1)
  assert.ok((await timed(limiter, 'a')).tookMs < 90, 'no request waits for the handshake')
  assert.equal(await limiter.opened, false)
  await connections(3)
})
