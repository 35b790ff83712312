import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Severity } from '../../../src/alerts.ts'
import { Groups } from '../../../src/observe/slack/groups.ts'
import { newsOf } from '../../../src/observe/slack/news.ts'
import { alert } from './slack-server.ts'

const minute = 60_000

/** Groups by a clock of the test's own; `look` tells all that is due now, in short. */
function groupsAt0 () {
  const groups = new Groups(3, minute)
  return {
    groups,
    add: (key: string, now: number, severity: Severity = 'error') => groups.add(newsOf(alert(key, { severity }), now), now),
    look: (now: number) => {
      const due = groups.take(now, 10)
      groups.told(due, now)
      return due.map(({ news: { key, severity, count }, inAll }) => `${key} ${severity} ${count}/${inAll}`)
    }
  }
}

test('the first at once, the rest after a minute, and after a quiet minute anew', () => {
  const { add, look } = groupsAt0()
  add('a', 0)
  assert.deepEqual(look(0), ['a error 1/1'])
  for (let i = 1; i <= 100; i++) add('a', i)
  assert.deepEqual(look(minute - 1), [])
  assert.deepEqual(look(minute), ['a error 100/101'])
  assert.deepEqual(look(3 * minute), [])
  add('a', 3 * minute)
  assert.deepEqual(look(3 * minute), ['a error 1/1'])
})

test('a change is told at once; who changes again and again is summed up', () => {
  const { add, look } = groupsAt0()
  const told: string[][] = []
  for (let second = 0; second < 60; second++) {
    add('a', second * 1000, second % 2 === 0 ? 'error' : 'recovery')
    told.push(look(second * 1000))
  }
  assert.deepEqual(told.filter((due) => due.length > 0), [
    ['a error 1/1'], ['a recovery 1/1'], ['a error 1/2'], ['a recovery 1/2'], ['a error 1/3']
  ])
  assert.deepEqual(look(4000 + minute), ['a error 27/30', 'a recovery 28/30'])
})

test('what could not be told comes again, with what came since, in its order', () => {
  const { groups, add, look } = groupsAt0()
  add('a', 0)
  const due = groups.take(0, 10)
  assert.deepEqual(look(0), [])
  add('a', 1)
  add('a', 2, 'recovery')
  groups.failed(due)
  assert.equal(groups.untold, 3)
  assert.deepEqual(look(3), ['a error 2/2', 'a recovery 1/1'])
})

test('more matters than there is room for are refused until others are over', () => {
  const { add, look } = groupsAt0()
  for (const key of ['a', 'b', 'c']) assert.equal(add(key, 0), 0)
  assert.equal(add('d', 0), 1)
  assert.equal(add('a', 0), 0)
  look(0)
  assert.equal(add('d', minute - 1), 1)
  assert.equal(add('d', minute), 0)
})
