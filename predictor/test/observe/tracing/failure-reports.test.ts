import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { FailureReports } from '../../../src/observe/tracing/failure-reports.ts'

function start (t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines: Record<string, unknown>[] = []
  return { reports: new FailureReports(pino({}, { write: (line: string) => { lines.push(JSON.parse(line)) } })), lines }
}

test('a storm of failures is one line at once and one a minute', (t) => {
  const { reports, lines } = start(t)
  for (let i = 0; i < 1000; i++) reports.failed('refused', 2)
  assert.deepEqual(lines.map(({ failures, spans }) => [failures, spans]), [[1, 2]])
  t.mock.timers.tick(59_999)
  assert.equal(lines.length, 1)
  t.mock.timers.tick(1)
  assert.deepEqual(lines.map(({ failures, spans }) => [failures, spans]), [[1, 2], [999, 1998]])
  reports.failed('refused', 2)
  assert.equal(lines.length, 2)
})

test('that it works again is told after a minute without a failure', (t) => {
  const { reports, lines } = start(t)
  reports.failed('refused')
  reports.succeeded()
  assert.equal(lines.length, 1)
  t.mock.timers.tick(60_000)
  assert.deepEqual(lines.map(({ msg }) => msg), ['trace export failed', 'trace export works again'])
  t.mock.timers.tick(600_000)
  assert.equal(lines.length, 2)
  reports.failed('refused')
  assert.equal(lines.length, 3)
})

test('what was not told yet is told at the end; a long reason is cut', (t) => {
  const { reports, lines } = start(t)
  reports.failed('x'.repeat(100_000), 1)
  reports.failed('last', 1)
  reports.close()
  assert.deepEqual(lines.map(({ reason, spans }) => [(reason as string).length, spans]), [[200, 1], [4, 1]])
})
