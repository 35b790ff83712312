import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { buildAdmin } from '../src/admin.ts'
import { UpstreamPool } from '../src/upstream/pool.ts'
import { startUpstream } from './helper.ts'

test('alive always, ready only when it can serve', async (t) => {
  let ready = false
  const admin = buildAdmin({ logger: pino({ level: 'silent' }), isReady: async () => ready })
  t.after(() => admin.close())
  assert.deepEqual((await admin.inject('/healthz')).json(), { status: 'alive' })
  assert.equal((await admin.inject('/readyz')).statusCode, 503)
  ready = true
  assert.equal((await admin.inject('/readyz')).statusCode, 200)
})

test('the upstream is ready when its health path says so', async (t) => {
  let status = 200
  let asked = ''
  const { url } = await startUpstream(t, (request, response) => {
    asked = request.url!
    response.statusCode = status
    response.end('{}')
  })
  const upstreams = new UpstreamPool([url], 1000)
  t.after(() => upstreams.close())
  assert.equal(await upstreams.isReady('/health'), true)
  assert.equal(asked, '/health')
  status = 503
  assert.equal(await upstreams.isReady('/health'), false)
  const gone = new UpstreamPool(['http://127.0.0.1:1'], 1000)
  t.after(() => gone.close())
  assert.equal(await gone.isReady('/health'), false)
})
