import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { onAlert } from '../../src/alerts.ts'
import { Backend } from '../../src/upstream/backend.ts'
import { UpstreamAlerts } from '../../src/upstream/upstream-alerts.ts'
import { startGateway, startUpstream, until } from '../helper.ts'

/** Two upstreams as their checks see them; `told` is what was raised, in short. */
function upstreams (t: TestContext) {
  const told: string[] = []
  t.after(onAlert(({ severity, what, detail }) => told.push([severity, what, detail].filter(Boolean).join(' | '))))
  const [a, b] = ['http://10.0.0.1:8000', 'http://10.0.0.2:8000'].map((origin) => new Backend(origin, 1000)) as [Backend, Backend]
  t.after(() => Promise.all([a.close(), b.close()]))
  return { alerts: new UpstreamAlerts(pino({ level: 'silent' })), told, a, b }
}

test('an upstream that was up and is gone is told at once and once; so is that it is back', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const { alerts, told, a, b } = upstreams(t)
  for (const backend of [a, b]) alerts.checked(backend, 'up')
  for (let i = 0; i < 5; i++) alerts.checked(a, 'down')
  assert.deepEqual(told, ['error | 10.0.0.1:8000 cannot be reached'])
  t.mock.timers.tick(10_000)
  alerts.checked(a, 'up')
  alerts.checked(a, 'up')
  assert.deepEqual(told.slice(1), ['recovery | 10.0.0.1:8000 is back | after 10.0 s'])
})

test('one that starts, or ends in order, is no news, unless it takes long', (t) => {
  const { alerts, told, a, b } = upstreams(t)
  for (let i = 0; i < 9; i++) alerts.checked(a, 'down')
  alerts.checked(a, 'up')
  alerts.checked(b, 'up')
  for (let i = 0; i < 9; i++) alerts.checked(b, 'not ready')
  assert.deepEqual(told, [])
  alerts.checked(b, 'not ready')
  assert.deepEqual(told, ['error | 10.0.0.2:8000 is not ready'])
})

test('one that is gone for good, and no longer asked for, is over', (t) => {
  const { alerts, told, a, b } = upstreams(t)
  for (const backend of [a, b]) alerts.checked(backend, 'up')
  alerts.checked(a, 'down')
  alerts.keep(new Set([b]))
  alerts.keep(new Set([]))
  assert.deepEqual(told.slice(1), ['recovery | 10.0.0.1:8000 is no longer asked for'])
})

test('a model that an upstream refused is told, with version and reason, and so is its end', async (t) => {
  const told: string[] = []
  t.after(onAlert(({ severity, what, detail }) => told.push(`${severity}: ${what}: ${detail}`)))
  let refused: unknown = { version: '3', reason: 'a golden example failed' }
  const { url } = await startUpstream(t, (_request, response) => {
    response.end(JSON.stringify({ ready: true, model: { name: 'flowers', version: '2', backend: 'wasm', refused } }))
  })
  const { logged, upstreams: pool } = await startGateway(t, { PREDICTOR_URL: url })
  const { host } = new URL(url)
  assert.deepEqual(told, [`error: ${host} refused a model: version 3: a golden example failed`])
  assert.deepEqual(pool.backends.map(({ refusesModel }) => refusesModel), [true])
  assert.ok(pool.isReady)
  refused = undefined
  await until(() => told.length > 1)
  assert.deepEqual(told.slice(1), [`recovery: ${host} refuses no model any more: undefined`])
  const lines = logged.filter(({ msg }) => /model/.test(String(msg))).map(({ level, msg, model }) => [level, msg, (model as { version: string }).version])
  assert.deepEqual(lines, [[40, 'upstream refused a model', '2'], [30, 'upstream serves a model', '2']])
  assert.deepEqual(pool.backends.map(({ refusesModel }) => refusesModel), [false])
})
