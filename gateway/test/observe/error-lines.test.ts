import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { onAlert } from '../../src/alerts.ts'
import type { Alert } from '../../src/alerts.ts'
import { alertOfErrors } from '../../src/observe/error-lines.ts'

/** A log whose lines, and the alerts they raise, are kept. */
function log (t: TestContext, level = 'trace') {
  const lines: string[] = []
  const alerts: Alert[] = []
  t.after(onAlert((alert) => alerts.push(alert)))
  const destination = { write: (line: string) => { lines.push(line) }, flush: (done?: (error?: Error) => void) => done?.() }
  return { logger: pino({ level }, alertOfErrors(destination)), lines, alerts }
}

test('errors and fatals are raised, with message, code, cause and request id; nothing else is', (t) => {
  const { logger, lines, alerts } = log(t)
  const request = logger.child({ requestId: 'r-1' })
  for (const level of ['trace', 'debug', 'info', 'warn'] as const) request[level]({ code: 'BAD_REQUEST', status: 400 }, 'request')
  request.error({ err: new TypeError('no such thing'), code: 'INTERNAL' }, 'internal error')
  request.info('after it')
  logger.fatal({ err: Object.assign(new Error('full'), { code: 'ENOSPC' }) })
  logger.error({ mistakes: 'it has expired' }, 'certificate not reloaded')
  assert.equal(lines.length, 8)
  assert.deepEqual(alerts.map(({ key: _key, ...alert }) => alert), [
    { severity: 'error', service: 'gateway', what: 'internal error', code: 'INTERNAL', detail: 'TypeError: no such thing', requestIds: ['r-1'] },
    { severity: 'fatal', service: 'gateway', what: 'full', code: 'ENOSPC', detail: 'Error: full', requestIds: [] },
    { severity: 'error', service: 'gateway', what: 'certificate not reloaded', code: undefined, detail: 'it has expired', requestIds: [] }
  ])
})

test('errors that differ in numbers and ids alone are the same, others are not', (t) => {
  const { logger, alerts } = log(t)
  const key = (message: string) => {
    logger.error({ err: new Error(message) }, 'internal error')
    return alerts.at(-1)!.key
  }
  const same = key('item 17 of 0af7651916cd43dd8448eb211c80319c is gone')
  assert.equal(key('item 4 of 4bf92f3577b34da6a3ce929d0e0e4736 is gone'), same)
  assert.notEqual(key('item 4 of 4bf92f3577b34da6a3ce929d0e0e4736 is back'), same)
  assert.ok(key('x'.repeat(100_000)).length < 1000)
})

test('flushing reaches the destination', async (t) => {
  const { logger } = log(t)
  await new Promise<void>((resolve) => logger.flush(() => resolve()))
})
