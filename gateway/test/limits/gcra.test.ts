import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gcra } from '../../src/limits/gcra.ts'

test('a rate of 50 a second with a burst of 100 spends 20 ms a request and is full again after 2 s', () => {
  const gcra = new Gcra({ requestsPerSecond: 50, burst: 100 })
  assert.equal(gcra.intervalMs, 20)
  assert.equal(gcra.capacityMs, 2000)
})

test('a decision tells the whole requests left, and the time until the allowance is full or a request passes', () => {
  const gcra = new Gcra({ requestsPerSecond: 0.5, burst: 3 })
  assert.deepEqual(gcra.admission(2000), { admitted: true, remaining: 2, ttlMs: 2000 })
  assert.deepEqual(gcra.admission(2500), { admitted: true, remaining: 1, ttlMs: 2500 })
  assert.deepEqual(gcra.admission(6000), { admitted: true, remaining: 0, ttlMs: 6000 })
  assert.deepEqual(gcra.refusal(5500), { admitted: false, remaining: 0, ttlMs: 1500 })
})

test('a rate or a burst that no limit can have is refused', () => {
  for (const requestsPerSecond of [0, -1, NaN, Infinity, 1e-320]) {
    assert.throws(() => new Gcra({ requestsPerSecond, burst: 1 }), RangeError, `rate ${requestsPerSecond}`)
  }
  for (const burst of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new Gcra({ requestsPerSecond: 1, burst }), RangeError, `burst ${burst}`)
  }
})
