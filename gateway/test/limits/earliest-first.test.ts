import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EarliestFirst } from '../../src/limits/earliest-first.ts'

const capacity = 30
const commands = fc.array(fc.record({
  kind: fc.constantFrom('add', 'postpone', 'replace'),
  client: fc.nat(capacity - 1),
  by: fc.double({ min: 0, max: 100, noNaN: true })
}), { maxLength: 120 })

test('the earliest client is the one with the earliest time, and every client keeps its own', () => {
  fc.assert(fc.property(commands, (sequence) => {
    const heap = new EarliestFirst(capacity)
    const times: number[] = []
    for (const { kind, client, by } of sequence) {
      if (kind === 'add' && times.length < capacity) {
        assert.equal(heap.add(by), times.length)
        times.push(by)
      } else if (kind === 'postpone' && client < times.length) {
        times[client]! += by
        heap.postpone(client, times[client]!)
      } else if (kind === 'replace' && times.length > 0) {
        const earliest = Math.min(...times)
        const replaced = heap.replaceEarliest(earliest + by)
        assert.equal(times[replaced], earliest)
        times[replaced] = earliest + by
      }
      assert.equal(heap.earliest, Math.min(...times))
      assert.equal(heap.size, times.length)
      times.forEach((time, number) => assert.equal(heap.timeOf(number), time))
    }
  }), { numRuns: 500 })
})
