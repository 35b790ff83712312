import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predictor } from '../helper.ts'

test('GET / and HEAD /', async (t) => {
  const { app } = await predictor(t)
  const get = await app.inject('/')
  assert.deepEqual([get.statusCode, get.body, get.headers.vary], [200, '{"status":"application is running"}', 'Accept'])
  const head = await app.inject({ method: 'HEAD', url: '/' })
  assert.deepEqual([head.statusCode, head.body, head.headers['content-length']], [200, '', '35'])
})

test('readiness goes off while draining, liveness does not', async (t) => {
  const { app, readiness } = await predictor(t)
  const model = { name: 'flowers', version: '1', backend: 'cpu' }
  assert.deepEqual((await app.inject('/v2/health/ready')).json(), { ready: true, model })
  readiness.ready = false
  const ready = await app.inject('/v2/health/ready')
  assert.deepEqual([ready.statusCode, ready.json()], [503, { ready: false, model }])
  const live = await app.inject('/v2/health/live')
  assert.deepEqual([live.statusCode, live.body], [200, '{"live":true}'])
})

test('a refused model is told by the health answer, on both ports; the service stays ready', async (t) => {
  const { app, admin, refusals } = await predictor(t)
  refusals.current = { version: '2', reason: 'weights.bin is missing' }
  const ready = await app.inject('/v2/health/ready')
  assert.deepEqual([ready.statusCode, ready.json()], [200, {
    ready: true, model: { name: 'flowers', version: '1', backend: 'cpu', refused: { version: '2', reason: 'weights.bin is missing' } }
  }])
  assert.deepEqual((await admin.inject('/readyz')).json().model.refused, { version: '2', reason: 'weights.bin is missing' })
  refusals.current = undefined
  assert.equal('refused' in (await app.inject('/v2/health/ready')).json().model, false)
})
