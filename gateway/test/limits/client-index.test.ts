import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClientIndex } from '../../src/limits/client-index.ts'

const capacity = 8
/** Few values, most of them in the last slots: hashes share homes, and runs go round the end of the table. */
const half = fc.constantFrom(12, 13, 14, 15, 31, -1, -3, 0, 1)
const commands = fc.array(fc.record({ low: half, high: fc.constantFrom(0, -7), remove: fc.boolean() }), { maxLength: 80 })

test('finds exactly the clients that were added and not removed, whatever they collide with', () => {
  fc.assert(fc.property(commands, (sequence) => {
    const index = new ClientIndex(capacity)
    const present = new Map<string, { client: number, low: number, high: number }>()
    const free = Array.from({ length: capacity }, (_, client) => client)
    for (const { low, high, remove } of sequence) {
      const name = `${low} ${high}`
      const known = present.get(name)
      if (known === undefined && free.length > 0) {
        const client = free.pop()!
        index.add(client, low, high)
        present.set(name, { client, low, high })
      } else if (known !== undefined && remove) {
        index.remove(known.client)
        present.delete(name)
        free.push(known.client)
      }
      for (const entry of present.values()) assert.equal(index.find(entry.low, entry.high), entry.client)
      if (!present.has(name)) assert.equal(index.find(low, high), -1)
    }
  }), { numRuns: 500 })
})
