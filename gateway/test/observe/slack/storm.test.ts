import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../helper.ts'
import { alert, startSlackServer, tellSlack } from './slack-server.ts'
import type { Payload } from './slack-server.ts'

/** How often a message says that something happened, since it was told of it last. */
function times ({ text }: Payload, what: string): number {
  const [, count] = new RegExp(`\`${what}\`\\n(?:code .*?, )?([\\d,]+) (?:times?|more)`).exec(text) ?? []
  return Number(count?.replaceAll(',', '') ?? 0)
}

test('10,000 equal errors make one message at once and one summary, and every one of them is counted', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url)
  for (let i = 0; i < 10_000; i++) {
    alerts.tell(alert('it broke', { code: 'INTERNAL', requestIds: [`id-${i}`] }))
    // On a busy machine all of them would be told before the first message leaves, which would be the only one then.
    if (i === 5000) await slack.tookSo(1)
    else if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const storm = slack.taken.length
  await slack.tookSo(2)
  assert.equal(storm, 1)
  const [first, summary] = slack.taken
  assert.equal(times(first!, 'it broke') + times(summary!, 'it broke'), 10_000)
  assert.match(first!.text, /requests `id-0`, `id-1`, `id-2`, `id-3`, `id-4`, …/)
  assert.match(summary!.text, /\(10,000 in all\)/)
  await until(() => alerts.sent === 2)
  assert.equal(alerts.dropped, 0)
})

test('different errors do not hide each other', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url, { period: 60_000 })
  for (let i = 0; i < 1000; i++) alerts.tell(alert('the storm'))
  await slack.tookSo(1)
  for (let i = 0; i < 1000; i++) {
    alerts.tell(alert('the storm'))
    if (i === 500) alerts.tell(alert('the needle'))
  }
  await slack.tookSo(2)
  assert.match(slack.taken[1]!.text, /`the needle`/)
  assert.doesNotMatch(slack.taken[1]!.text, /the storm/)
})

test('what comes while a message is on its way goes together in the next', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url, { spacing: 200 })
  alerts.tell(alert('first'))
  await slack.tookSo(1)
  for (const what of ['second', 'third', 'fourth']) alerts.tell(alert(what))
  await slack.tookSo(2)
  for (const what of ['second', 'third', 'fourth']) assert.equal(times(slack.taken[1]!, what), 1)
})

test('a message tells service, what, code, cause, count, request ids, times, host and channel', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url)
  alerts.tell(alert('it broke', { code: 'INTERNAL', detail: 'TypeError: no such thing', count: 3, first: Date.UTC(2026, 0, 2), requestIds: ['a', 'b'] }))
  await slack.tookSo(1)
  const { text, channel } = slack.taken[0]!
  assert.equal(channel, '#alerts')
  assert.match(text, /^:rotating_light: \*gateway\* `it broke`\ncode `INTERNAL`, 3 times, first 2026-01-02T00:00:00.000Z, last 20\S+Z\n`TypeError: no such thing`\nrequests `a`, `b`, …\non `[^`\n]+`$/)
})

test('trouble and its end are each told at once', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url, { period: 60_000 })
  alerts.tell(alert('gone', { key: 'upstream' }))
  await slack.tookSo(1)
  alerts.tell(alert('back', { key: 'upstream', severity: 'recovery' }))
  await slack.tookSo(2)
  assert.match(slack.taken[1]!.text, /^:white_check_mark: \*gateway\* `back`/)
  alerts.tell(alert('gone', { key: 'upstream' }))
  await slack.tookSo(3)
  assert.match(slack.taken[2]!.text, /`gone`\n1 more \(2 in all\)/)
})
