import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { buildAdmin } from '../src/admin.ts'

test('alive always, ready only when it can serve', async (t) => {
  let ready = false
  const admin = buildAdmin({ logger: pino({ level: 'silent' }), isReady: () => ready, metrics: new Registry() })
  t.after(() => admin.close())
  assert.deepEqual((await admin.inject('/healthz')).json(), { status: 'alive' })
  assert.equal((await admin.inject('/readyz')).statusCode, 503)
  ready = true
  assert.equal((await admin.inject('/readyz')).statusCode, 200)
})
