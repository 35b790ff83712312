import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryLimiter } from '../../src/limits/memory-limiter.ts'

const limits = fc.record({
  requestsPerSecond: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 50 })
})
/** A process that has run up to a year. */
const start = fc.double({ min: 0, max: 3e10, noNaN: true })

test('decides like a leaky bucket in whole numbers, for any arrivals of several clients', () => {
  const arrivals = fc.array(fc.record({ client: fc.nat(4), eighths: fc.oneof(fc.nat(3), fc.nat(40)) }), { maxLength: 300 })
  fc.assert(fc.property(limits, start, arrivals, (limit, begin, sequence) => {
    const limiter = new MemoryLimiter({ ...limit, maxClients: 10 })
    // The model counts in eighths of a request: `levels` is what a client's bucket held at `since`.
    const buckets = new Map<number, { level: number, since: number }>()
    let eighths = 0
    for (const arrival of sequence) {
      eighths += arrival.eighths
      const { level, since } = buckets.get(arrival.client) ?? { level: 0, since: eighths }
      const left = Math.max(0, level - (eighths - since))
      const admitted = left + 8 <= 8 * limit.burst
      const after = admitted ? left + 8 : left
      buckets.set(arrival.client, { level: after, since: eighths })

      const eighthMs = 125 / limit.requestsPerSecond
      const decision = limiter.consume(`client ${arrival.client}`, begin + eighths * eighthMs)
      const remaining = Math.floor((8 * limit.burst - after) / 8)
      const ttlEighths = admitted ? after : left + 8 - 8 * limit.burst
      assert.deepEqual([decision.admitted, decision.remaining], [admitted, admitted ? remaining : 0])
      assert.ok(Math.abs(decision.ttlMs / eighthMs - ttlEighths) < 0.002, `${decision.ttlMs} ms`)
    }
  }), { numRuns: 500 })
})

test('admits at most burst + rate · t in every window, whenever the requests come', () => {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true })), { maxLength: 150 })
  fc.assert(fc.property(limits, start, gaps, (limit, begin, intervals) => {
    const limiter = new MemoryLimiter({ ...limit, maxClients: 10 })
    let now = begin
    const admitted: number[] = []
    for (const gap of intervals) {
      now += gap * 1000 / limit.requestsPerSecond
      if (limiter.consume('client', now).admitted) admitted.push(now)
    }
    for (let from = 0; from < admitted.length; from++) {
      for (let to = from; to < admitted.length; to++) {
        const allowed = limit.burst + limit.requestsPerSecond * (admitted[to]! - admitted[from]!) / 1000
        assert.ok(to - from + 1 <= allowed + 0.002, `${to - from + 1} requests, ${allowed} allowed`)
      }
    }
  }), { numRuns: 300 })
})

test('admits every request of a client that keeps to the rate, and a whole burst after a rest', () => {
  const spacing = fc.array(fc.oneof(fc.constant(1), fc.double({ min: 1, max: 3, noNaN: true })), { maxLength: 200 })
  fc.assert(fc.property(limits, start, spacing, (limit, begin, intervals) => {
    const limiter = new MemoryLimiter({ ...limit, maxClients: 10 })
    let now = begin
    for (const interval of intervals) {
      assert.ok(limiter.consume('client', now).admitted)
      now += interval * 1000 / limit.requestsPerSecond
    }
    now += limiter.capacityMs
    for (let request = 0; request < limit.burst; request++) assert.ok(limiter.consume('client', now).admitted)
    assert.ok(!limiter.consume('client', now).admitted)
  }))
})

test('waiting for as long as a refusal says is enough, and no shorter wait is', () => {
  fc.assert(fc.property(limits, start, (limit, now) => {
    const limiter = new MemoryLimiter({ ...limit, maxClients: 10 })
    while (limiter.consume('client', now).admitted);
    const { ttlMs } = limiter.consume('client', now)
    assert.ok(!limiter.consume('client', now + 0.998 * ttlMs).admitted)
    assert.ok(limiter.consume('client', now + ttlMs).admitted)
  }))
})

test('counts by a clock of its own when none is given', () => {
  const limiter = new MemoryLimiter({ requestsPerSecond: 0.001, burst: 2 })
  assert.deepEqual(Array.from({ length: 3 }, () => limiter.consume('client').admitted), [true, true, false])
})
