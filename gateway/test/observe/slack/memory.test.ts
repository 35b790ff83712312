import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { until } from '../../helper.ts'
import { mostMatters } from '../../../src/observe/slack/shared.ts'
import { alert, startSlackServer, tellSlack } from './slack-server.ts'

test('while Slack is away, however many different errors come are held up to a limit; the rest is counted, and told later', async (t) => {
  let away = true
  const slack = await startSlackServer(t, (_request, response) => {
    if (away) response.writeHead(503).end()
    return away
  })
  const { alerts } = tellSlack(t, slack.url)
  const errors = 20_000
  for (let i = 0; i < errors; i++) {
    alerts.tell(alert(`error ${i}`, { detail: 'x'.repeat(10_000) }))
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => alerts.dropped === errors - mostMatters)
  away = false
  const told = () => slack.taken.map(({ text }) => text).join('\n')
  await until(() => (told().match(/^:rotating_light:/gm)?.length ?? 0) === mostMatters)
  // In one message, or in two when one was on its way just then.
  const dropped = () => [...told().matchAll(/([\d,]+) alerts? could not be told/g)].reduce((sum, [, count]) => sum + Number(count!.replaceAll(',', '')), 0)
  await until(() => dropped() === errors - mostMatters)
  assert.equal(alerts.dropped, errors - mostMatters)
})

test('no message is longer than Slack takes, whatever errors say', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url)
  for (let i = 0; i < 100; i++) {
    alerts.tell(alert(`${i}${'&'.repeat(5000)}`, { code: '<'.repeat(5000), detail: '&'.repeat(5000), requestIds: Array(100).fill('r'.repeat(128)) }))
  }
  await until(() => slack.taken.map(({ text }) => text).join('\n').match(/^:rotating_light:/gm)?.length === 100)
  for (const { text } of slack.taken) assert.ok(text.length < 40_000, String(text.length))
})

test('a worker that fails is started again, and what it had is counted as dropped', async (t) => {
  const slack = await startSlackServer(t, (_request, _response, nth) => nth === 1)
  const started = once(process, 'worker')
  const { alerts, logged } = tellSlack(t, slack.url, { attempt: 60_000 })
  alerts.tell(alert('it broke', { count: 7 }))
  await slack.askedSo(1)
  const [worker] = await started as [Worker]
  await worker.terminate()
  alerts.tell(alert('after that'))
  await until(() => slack.taken.some(({ text }) => /`after that`/.test(text)))
  assert.equal(alerts.dropped, 7)
  assert.match(slack.taken.map(({ text }) => text).join('\n'), /7 alerts could not be told/)
  assert.match(logged.join(), /the Slack worker ended/)
})
