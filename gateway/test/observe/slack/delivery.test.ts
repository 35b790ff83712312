import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Delivery } from '../../../src/observe/slack/delivery.ts'
import { Groups } from '../../../src/observe/slack/groups.ts'
import { newsOf } from '../../../src/observe/slack/news.ts'
import type { Outcome } from '../../../src/observe/slack/post.ts'
import { SharedCounters, timing } from '../../../src/observe/slack/shared.ts'
import { alert } from './slack-server.ts'

const taken: Outcome = { taken: true, hopeless: false, pause: undefined, why: '' }
const refused: Outcome = { ...taken, taken: false, why: 'status 500' }

/** A delivery by the clock of the test, with the times of production; `sent` is what it tried to send. */
function deliver (t: TestContext, outcomes: Outcome[]) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
  const groups = new Groups(10, timing.period)
  const sent: string[] = []
  const post = async (text: string) => { sent.push(text); return outcomes.shift() ?? taken }
  const delivery = new Delivery({ groups, post, counters: new SharedCounters(), timing, host: 'h', onTrouble: () => {} })
  const tell = (what: string) => {
    groups.add(newsOf(alert(what), Date.now()), Date.now())
    delivery.schedule()
  }
  const pass = async (milliseconds: number) => {
    t.mock.timers.tick(milliseconds)
    // What a message that was sent sets off.
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { sent, tell, pass, delivery }
}

test('one message at once, one summary a minute, none when nothing came', async (t) => {
  const { sent, tell, pass } = deliver(t, [])
  tell('it broke')
  await pass(0)
  for (let second = 1; second < 60; second++) {
    await pass(1000)
    tell('it broke')
  }
  assert.equal(sent.length, 1)
  await pass(1000)
  assert.equal(sent.length, 2)
  assert.match(sent[1]!, /59 more \(60 in all\)/)
  await pass(3_600_000)
  assert.equal(sent.length, 2)
  tell('it broke')
  await pass(0)
  assert.match(sent[2]!, /`it broke`\n1 time,/)
})

test('a pause that Slack asks for is kept', async (t) => {
  const { sent, tell, pass } = deliver(t, [{ ...refused, pause: 30_000 }])
  tell('it broke')
  await pass(0)
  tell('something else')
  await pass(29_999)
  assert.equal(sent.length, 1)
  await pass(1)
  assert.equal(sent.length, 2)
  assert.match(sent[1]!, /it broke[^]*something else/)
})

test('failures are tried again after a second, then ever more seldom, at least once a minute', async (t) => {
  const { sent, tell, pass } = deliver(t, Array(100).fill(refused))
  tell('it broke')
  await pass(0)
  for (const [within, tries] of [[1000, 2], [2000, 3], [4000, 4], [8000, 5], [16_000, 6], [32_000, 7], [60_000, 8], [60_000, 9]] as const) {
    await pass(within / 2)
    assert.equal(sent.length, tries - 1)
    await pass(within / 2)
    assert.equal(sent.length, tries)
  }
})

test('at most a message a second', async (t) => {
  const { sent, tell, pass } = deliver(t, [])
  for (let i = 0; i < 10; i++) {
    tell(`error ${i}`)
    await pass(100)
  }
  assert.equal(sent.length, 1)
  await pass(100)
  assert.equal(sent.length, 2)
})

test('at the end all that is untold is told, summaries too', async (t) => {
  const { sent, tell, pass, delivery } = deliver(t, [])
  tell('it broke')
  await pass(0)
  tell('it broke')
  const ended = delivery.end()
  await pass(0)
  await pass(0)
  await ended
  assert.equal(sent.length, 2)
  assert.match(sent[1]!, /1 more \(2 in all\)/)
})

test('at the end nobody waits longer for Slack than there is time', async (t) => {
  const { sent, tell, pass, delivery } = deliver(t, [{ ...refused, pause: 30_000 }])
  tell('it broke')
  await pass(0)
  await delivery.end()
  assert.equal(sent.length, 1)
})
