import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ask, sendRaw, startGateway } from './helper.ts'
import type { TestGateway } from './helper.ts'

// A rate so low that nothing comes back while the test runs.
const tight = { RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '3' }

test('past the burst: 429 with Retry-After and the rate limit headers', async (t) => {
  const gateway = await startGateway(t, tight)
  for (const remaining of ['2', '1', '0']) {
    const { status, headers } = await ask(gateway)
    assert.equal(status, 200)
    assert.equal(headers['ratelimit-limit'], '3')
    assert.equal(headers['ratelimit-remaining'], remaining)
  }
  const { status, headers, json } = await ask(gateway)
  assert.equal(status, 429)
  assert.equal(json.code, 'RATE_LIMITED')
  assert.ok(Number(headers['retry-after']) > 90 && Number(headers['retry-after']) <= 100)
  assert.equal(headers['ratelimit-remaining'], '0')
  assert.equal(headers['x-frame-options'], 'DENY')
})

for (const [what, spend] of [
  ['refused methods', (gateway) => ask(gateway, { method: 'TRACE' })],
  ['refused bodies', (gateway) => ask(gateway, { method: 'POST', body: Buffer.alloc(20) })],
  ['bad targets', (gateway) => ask(gateway, { path: '/%00' })],
  ['undecodable targets', (gateway) => ask(gateway, { path: '/%zz' })],
  ['malformed bytes', (gateway, t) => sendRaw(t, gateway, 'NONSENSE\r\n\r\n')],
  ['CONNECT', (gateway, t) => sendRaw(t, gateway, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')]
] as [string, (gateway: TestGateway, t: TestContext) => Promise<unknown>][]) {
  test(`${what} count too`, async (t) => {
    const gateway = await startGateway(t, { ...tight, BODY_LIMIT: '10' })
    for (let i = 0; i < 3; i++) await spend(gateway, t)
    assert.equal((await ask(gateway)).status, 429)
  })
}

test('0 requests a second turns the limit off', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0', RATE_LIMIT_BURST: '1' })
  for (let i = 0; i < 5; i++) assert.equal((await ask(gateway)).status, 200)
})
