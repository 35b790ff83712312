import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predictor } from './helper.ts'

test('/readyz tells the model and the backend, and 503 while draining; /healthz stays alive', async (t) => {
  const { admin, readiness } = await predictor(t)
  const ready = await admin.inject('/readyz')
  assert.equal(ready.statusCode, 200)
  assert.deepEqual(ready.json(), { status: 'ready', model: { name: 'flowers', version: '1' }, backend: 'cpu' })

  readiness.ready = false
  const draining = await admin.inject('/readyz')
  assert.equal(draining.statusCode, 503)
  assert.equal(draining.json().status, 'draining')
  const alive = await admin.inject('/healthz')
  assert.deepEqual([alive.statusCode, alive.json()], [200, { status: 'alive' }])
})

test('the admin port serves no predictions, the serving port no admin paths', async (t) => {
  const { admin, app } = await predictor(t)
  for (const [on, url] of [[admin, '/predict'], [admin, '/'], [app, '/readyz'], [app, '/healthz']] as const) {
    assert.equal((await on.inject(url)).json().code, 'NOT_FOUND')
  }
})
