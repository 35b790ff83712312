import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import Fastify from 'fastify'
import fastifyRateLimit from '@fastify/rate-limit'
import { MemoryLimiter } from '../../src/limits/memory-limiter.ts'
import { rateLimitOptions, type RateLimiter } from '../../src/limits/plugin-store.ts'

async function buildApp (t: TestContext, limiter: RateLimiter) {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(fastifyRateLimit, {
    ...rateLimitOptions(limiter),
    enableDraftSpec: true,
    keyGenerator: (request) => String(request.headers['x-client'])
  })
  app.get('/', async () => 'ok')
  app.get('/own', { config: { rateLimit: { hook: 'preHandler' } } }, async () => 'ok')
  return async (client: string, url = '/') => {
    const { statusCode, headers } = await app.inject({ url, headers: { 'x-client': client } })
    return [statusCode, ...['limit', 'remaining', 'reset'].map((name) => Number(headers[`ratelimit-${name}`])),
      headers['retry-after']]
  }
}

/** The same limiter, answering later, as one with a store elsewhere does. */
const later = (limiter: MemoryLimiter): RateLimiter => ({
  burst: limiter.burst,
  capacityMs: limiter.capacityMs,
  consume: async (key) => limiter.consume(key)
})

for (const kind of ['at once', 'later']) {
  test(`the plugin admits, refuses and writes its headers by a limiter that answers ${kind}`, async (t) => {
    let now = 0
    const limiter = new MemoryLimiter({ requestsPerSecond: 0.4, burst: 3, maxClients: 10, clock: () => now })
    const ask = await buildApp(t, kind === 'later' ? later(limiter) : limiter)

    assert.deepEqual(await ask('a'), [200, 3, 2, 3, undefined])
    assert.deepEqual(await ask('a'), [200, 3, 1, 5, undefined])
    assert.deepEqual(await ask('a'), [200, 3, 0, 8, undefined])
    assert.deepEqual(await ask('a'), [429, 3, 0, 3, '3'])
    assert.deepEqual(await ask('b'), [200, 3, 2, 3, undefined])
    now = 2499
    assert.deepEqual(await ask('a'), [429, 3, 0, 1, '1'])
    now = 2500
    assert.deepEqual(await ask('a'), [200, 3, 0, 8, undefined])
  })
}

test('a route with a configuration of its own spends the same allowance', async (t) => {
  const limiter = new MemoryLimiter({ requestsPerSecond: 1, burst: 2, maxClients: 10, clock: () => 0 })
  const ask = await buildApp(t, limiter)
  assert.equal((await ask('a', '/own'))[0], 200)
  assert.equal((await ask('a'))[0], 200)
  assert.equal((await ask('a', '/own'))[0], 429)
  assert.equal((await ask('a'))[0], 429)
})
