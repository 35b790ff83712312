import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WallClock } from '../../../src/observe/tracing/wall-clock.ts'

test('moments keep their order and distance, whatever the system’s milliseconds', () => {
  const clock = new WallClock()
  clock.check()
  const first = clock.at(1000.25)
  clock.check()
  assert.equal(Math.round((clock.at(1000.75) - first) * 1000), 500)
})

test('a system clock that was set is followed', (t) => {
  const clock = new WallClock()
  const now = Date.now()
  t.mock.method(Date, 'now', () => now + 3_600_000)
  clock.check()
  assert.ok(Math.abs(clock.at(performance.now()) - now - 3_600_000) < 60_000)
})
