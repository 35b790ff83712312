import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeExchange, encodeExchange } from '../../src/upstream/exchange.ts'
import { readExchange, writeExchange } from '../exchange-upstream.ts'

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))

test('whatever the bodies’ bytes, each arrives as its own', () => {
  fc.assert(fc.property(fc.array(bytes, { minLength: 1, maxLength: 20 }), (bodies) => {
    const items = bodies.map((body, index) => (
      { body: body.toString('latin1'), id: `id-${index}`, traceparent: 't', identity: index % 2 === 0 ? undefined : { 'x-client-cert-san': '"\nñ☃' } }))
    const read = readExchange(Buffer.from(encodeExchange(items), 'latin1'))
    assert.deepEqual(read.map(({ body }) => body), bodies)
    assert.deepEqual(read.map(({ told }) => told), items.map(({ body, id, traceparent, identity }) =>
      ({ length: body.length, id, traceparent, ...(identity && { client: identity }) })))
  }))
})

// Each answer has a body: 204 and 304 have none.
const statuses = fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304)

test('whatever the answers’ bytes, each arrives as its own', () => {
  fc.assert(fc.property(fc.array(fc.tuple(statuses, bytes), { minLength: 1, maxLength: 20 }), (answers) => {
    const read = decodeExchange(writeExchange(answers).toString('latin1'), answers.length)
    assert.deepEqual(read.map(({ status, body }) => [status, Buffer.from(body, 'latin1')]), answers)
  }))
})

test('an answer that does not add up is refused whole', () => {
  const two = writeExchange([[200, Buffer.from('one')], [200, Buffer.from('two')]])
  const line = (text: string, bodies = '') => Buffer.from(`${text}\n${bodies}`)
  for (const [what, answer, count] of [
    ['too few', two, 3], ['too many', two, 1], ['cut short', two.subarray(0, -1), 2], ['too long', Buffer.concat([two, Buffer.from('x')]), 2],
    ['no line', Buffer.from('[[200,0]]'), 1], ['no JSON', line('[[200,'), 1], ['no array', line('{}'), 1], ['a number', line('[200]'), 1],
    ['a negative length', line('[[200,-1],[200,1]]'), 2], ['a fraction', line('[[200,0.5],[200,0.5]]', 'x'), 2], ['a text as length', line('[[200,"1"]]', 'x'), 1],
    ['a status out of range', line('[[199,0]]'), 1], ['a status without a body', line('[[204,0]]'), 1], ['a status that is none', line('[["200",0]]'), 1], ['three entries', line('[[200,0,0]]'), 1],
    ['empty', Buffer.alloc(0), 1]
  ] as const) {
    assert.throws(() => decodeExchange(answer.toString('latin1'), count), what)
  }
})
