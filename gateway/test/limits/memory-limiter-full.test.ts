import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryLimiter } from '../../src/limits/memory-limiter.ts'

test('two million new addresses free nobody\'s spent allowance', () => {
  const limiter = new MemoryLimiter({ requestsPerSecond: 1, burst: 10, maxClients: 1000 })
  const spenders = Array.from({ length: 500 }, (_, number) => `spender ${number}`)
  for (const spender of spenders) {
    for (let request = 0; request < 10; request++) assert.ok(limiter.consume(spender, 0).admitted)
  }
  let now = 0
  for (let address = 0; address < 2_000_000; address++) {
    now = address / 1000 * 0.49 // all within the second in which a spender would have a request back
    limiter.consume(`new ${address}`, now)
  }
  assert.equal(limiter.size, 1000)
  assert.ok(now < 1000)
  for (const spender of spenders) {
    const decision = limiter.consume(spender, now)
    assert.deepEqual({ ...decision, ttlMs: Math.round(decision.ttlMs) }, {
      admitted: false, remaining: 0, ttlMs: Math.round(1000 - now)
    })
  }
})

test('a full table forgets exactly the client that is closest to a full allowance', () => {
  const arrivals = fc.array(fc.record({ client: fc.nat(9), gapMs: fc.double({ min: 0.001, max: 400, noNaN: true }) }), {
    maxLength: 200
  })
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), arrivals, (maxClients, sequence) => {
    const limiter = new MemoryLimiter({ requestsPerSecond: 10, burst: 3, maxClients })
    const fullAt = new Map<number, number>()
    let now = 0
    for (const { client, gapMs } of sequence) {
      now += gapMs
      if (!fullAt.has(client) && fullAt.size === maxClients) {
        const [closest, next] = [...fullAt].sort(([, a], [, b]) => a - b)
        fc.pre(closest![1] !== next?.[1]) // of two that are equally close either may go
        fullAt.delete(closest![0])
      }
      const arrival = Math.max(fullAt.get(client) ?? now, now)
      const admitted = arrival - now <= 200.01 // with the tolerance, as this test is not about rounding
      if (admitted) fullAt.set(client, arrival + 100)
      assert.equal(limiter.consume(`client ${client}`, now).admitted, admitted)
      assert.ok(limiter.size <= maxClients)
    }
  }), { numRuns: 500 })
})

test('clients whose allowance is full again make room: the table holds no more than were ever active at a time', () => {
  const limiter = new MemoryLimiter({ requestsPerSecond: 10, burst: 5, maxClients: 1_000_000 })
  for (let request = 0; request < 100_000; request++) limiter.consume(`client ${request}`, request)
  assert.ok(limiter.size <= 101, `${limiter.size} clients`) // each is full again 100 ms after its request
})

test('a table for one client works', () => {
  const limiter = new MemoryLimiter({ requestsPerSecond: 1, burst: 1, maxClients: 1 })
  assert.ok(limiter.consume('a', 0).admitted)
  assert.ok(!limiter.consume('a', 1).admitted)
  assert.ok(limiter.consume('b', 2).admitted)
  assert.ok(!limiter.consume('b', 3).admitted)
  assert.ok(limiter.consume('a', 4).admitted)
})
