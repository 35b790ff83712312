import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { onAlert } from '../../src/alerts.ts'
import type { Alert } from '../../src/alerts.ts'
import { ServerErrors } from '../../src/observe/server-errors.ts'

/** Counts answers by the clock of the test. */
function count (t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 })
  const alerts: Alert[] = []
  t.after(onAlert((alert) => alerts.push(alert)))
  const errors = new ServerErrors()
  const answer = (times: number, status = 502, code: string | null = 'UPSTREAM_UNREACHABLE') => {
    for (let i = 0; i < times; i++) errors.answered(status, code ?? undefined, `id-${i}`)
  }
  return { answer, alerts, pass: (seconds: number) => t.mock.timers.tick(seconds * 1000) }
}

test('ten within ten seconds are a burst, told with their number, ids and beginning', (t) => {
  const { answer, alerts } = count(t)
  answer(9)
  assert.deepEqual(alerts, [])
  answer(1)
  assert.deepEqual(alerts, [{
    key: 'answers UPSTREAM_UNREACHABLE',
    severity: 'error',
    service: 'gateway',
    what: 'many requests answered with 502',
    code: 'UPSTREAM_UNREACHABLE',
    count: 10,
    first: 1_000_000,
    requestIds: ['id-0', 'id-1', 'id-2', 'id-3', 'id-4']
  }])
})

test('a storm raises one alert a second, and none of it goes uncounted', (t) => {
  const { answer, alerts, pass } = count(t)
  for (let second = 0; second < 5; second++) {
    answer(2000)
    pass(1)
  }
  assert.equal(alerts.length, 6)
  assert.equal(alerts.reduce((sum, alert) => sum + alert.count!, 0), 10_000)
})

test('its end is told when none has come for ten seconds; later ones are a new burst, or none', (t) => {
  const { answer, alerts, pass } = count(t)
  answer(10)
  pass(10)
  assert.equal(alerts.length, 1)
  pass(1)
  assert.deepEqual(alerts.slice(1).map(({ severity, what }) => [severity, what]), [['recovery', 'no more requests answered with 502']])
  answer(9)
  pass(11)
  answer(9)
  assert.equal(alerts.length, 2)
  answer(1)
  assert.equal(alerts.length, 3)
})

test('nine and nine are a burst when they are close, wherever a window would begin', (t) => {
  const { answer, alerts, pass } = count(t)
  answer(1)
  pass(9)
  answer(8)
  pass(2)
  answer(1)
  assert.equal(alerts.length, 0)
  answer(1)
  assert.deepEqual(alerts.map(({ count }) => count), [10])
})

test('one now and then is none', (t) => {
  const { answer, alerts, pass } = count(t)
  for (let i = 0; i < 100; i++) {
    answer(1)
    pass(2)
  }
  assert.deepEqual(alerts, [])
})

test('codes are told apart; what is logged as an error anyway is not counted; an upstream’s own statuses are', (t) => {
  const { answer, alerts } = count(t)
  answer(9)
  answer(9, 504, 'UPSTREAM_TIMEOUT')
  answer(1000, 500, 'INTERNAL')
  assert.deepEqual(alerts, [])
  answer(10, 500, null)
  assert.deepEqual(alerts.map(({ what, code }) => [what, code]), [['many requests answered with 500', undefined]])
})
