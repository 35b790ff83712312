import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { post, predictor, readAnswers, writeItems } from '../helper.ts'

const bytes = (text: string) => Buffer.from(text)
const number = fc.oneof(fc.double({ min: -10, max: 10 }), fc.integer(), fc.constantFrom(1e38, -3e38, 1e39))
const valid = fc.array(number, { minLength: 4, maxLength: 4 }).map((numbers) => JSON.stringify({ iris_dimensions: numbers }))
const text = fc.oneof(
  valid,
  fc.jsonValue().map((value) => JSON.stringify({ iris_dimensions: value })),
  fc.json(),
  fc.constantFrom('', ' ', '\uFEFF', '\uFEFF{"iris_dimensions":[1,2,3,4]}', '{"iris_dimensions":[1,2,3,1e999]}', '{"iris_dimensions":[1,2,3,4]}x',
    '{"__proto__":{"iris_dimensions":[1,2,3,4]}}', '{"iris_dimensions":[1],"iris_dimensions":[1,2,3,4]}', '{"iris_dimensions":["\uD83C\uDF38\uD83C"]}')
)
/** A text with some bytes put in anywhere, which may cut a character in two. */
const spoilt = fc.tuple(fc.oneof(valid, text), fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.nat())
  .map(([whole, inserted, n]) => {
    const at = n % (Buffer.byteLength(whole) + 1)
    return Buffer.concat([bytes(whole).subarray(0, at), inserted, bytes(whole).subarray(at)])
  })
const body = fc.oneof(text.map(bytes), spoilt, fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)))
const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/)

test('whatever the bytes: an item of an exchange gets the answer that it gets as a plain request', async (t) => {
  const { app } = await predictor(t)
  const seen = new Set<number>()
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ body, id }), { maxLength: 8 }), async (items) => {
    const plain = await Promise.all(items.map((item) => post(app, 'application/json', item.body, { 'x-request-id': item.id })))
    const together = await post(app, 'application/x-exchange', writeItems(items))
    assert.equal(together.statusCode, 200)
    assert.deepEqual(readAnswers(together.rawPayload), plain.map(({ statusCode, body }) => ({ status: statusCode, body })))
    for (const { statusCode } of plain) seen.add(statusCode)
  }), { numRuns: 300 })
  assert.deepEqual([...seen].sort(), [200, 400])
})

test('whatever the text: a line of NDJSON gets the answer that it gets as a plain request', async (t) => {
  const { app } = await predictor(t)
  const line = fc.oneof(text, fc.string({ unit: 'binary' })).filter((given) => !/\n|\r$/.test(given))
  await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', '\r\n'), id, async (given, end, requestId) => {
    const plain = await Promise.all(given.map((alone) => post(app, 'application/json', alone, { 'x-request-id': requestId })))
    const together = await post(app, 'application/x-ndjson', given.map((alone) => `${alone}${end}`).join(''), { 'x-request-id': requestId })
    assert.equal(together.statusCode, 200)
    assert.equal(together.body, plain.map(({ statusCode, body }) => `{"status":${statusCode},"body":${body}}\n`).join(''))
  }), { numRuns: 300 })
})
