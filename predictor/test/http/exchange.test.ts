import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchangeLimit, readExchange, writeExchange } from '../../src/http/exchange.ts'
import { writeItems } from '../helper.ts'

const bytes = (text: string) => Buffer.from(text)

test('bodies are taken by length: line feeds, NUL and bytes that are no text stay where they are', () => {
  const bodies = ['{}\n', '', '\n\n', '\0', 'é', Buffer.from([0xC3]), Buffer.from([0xA9, 0xFF, 10])]
  const items = readExchange(writeItems(bodies.map((body, i) => ({ body, id: `id-${i}` }))), 10)
  assert.deepEqual(items.map(({ body }) => [...body]), bodies.map((body) => [...Buffer.from(body as string)]))
  assert.deepEqual(items.map(({ requestId }) => requestId), bodies.map((_, i) => `id-${i}`))
})

test('the id is kept when it is one, and made otherwise; the trace is kept; who the client is is not read', () => {
  const items = readExchange(bytes('[{"length":0,"id":"a.B-1_","traceparent":"00-1-2-01","client":{"subject":"x"}},{"length":0,"id":"a b"},{"length":0,"id":7,"traceparent":7}]\n'), 3)
  assert.deepEqual([items[0]!.requestId, items[0]!.traceparent], ['a.B-1_', '00-1-2-01'])
  for (const { requestId, traceparent } of items.slice(1)) {
    assert.match(requestId, /^[0-9a-f-]{36}$/)
    assert.equal(traceparent, undefined)
  }
})

const broken: [what: string, exchange: string][] = [
  ['nothing', ''],
  ['no line', '[{"length":2}]'],
  ['an empty line', '\n{}'],
  ['a line that is not JSON', '[{"length":2}\n{}'],
  ['no list', '{"length":2}\n{}'],
  ['an item that is no object', '[2]\n{}'],
  ['an item that is null', '[null]\n{}'],
  ['a text, which has a length', '["{}"]\n{}'],
  ['a list, which has a length', '[[1,2]]\n{}'],
  ['no length', '[{"id":"x"}]\n{}'],
  ['a negative length', '[{"length":4},{"length":-2}]\n{}'],
  ['a fraction', '[{"length":1.5},{"length":0.5}]\n{}'],
  ['a length as text', '[{"length":"2"}]\n{}'],
  ['a length beyond the limit', `[{"length":16385}]\n${'x'.repeat(16_385)}`],
  ['more bytes than told', '[{"length":2}]\n{}\n'],
  ['fewer bytes than told', '[{"length":2},{"length":1}]\n{}'],
  ['bodies without items', '[]\n{}'],
  ['more items than allowed', `[${Array(4).fill('{"length":0}')}]\n`]
]

for (const [what, exchange] of broken) {
  test(`refused as a whole: ${what}`, () => {
    assert.throws(() => readExchange(bytes(exchange), 3), { code: 'BAD_REQUEST', statusCode: 400 })
  })
}

test('a body of exactly the limit, and no items at all, are taken', () => {
  const largest = { body: 'x'.repeat(16_384) }
  assert.equal(readExchange(writeItems([largest, largest]), 3)[1]!.body.length, 16_384)
  assert.deepEqual(readExchange(bytes('[]\n'), 3), [])
})

test('256 of the largest bodies fit in an exchange, with 2,000 bytes told of each', () => {
  const items = Array(256).fill({ body: 'x'.repeat(16_384), id: 'i'.repeat(128), client: { subject: 'x'.repeat(1800) } })
  assert.ok(writeItems(items).length <= exchangeLimit)
})

test('answers are told in bytes, not in characters', () => {
  assert.equal(writeExchange([{ status: 200, body: '"é…"' }, { status: 400, body: '{}' }]), '[[200,7],[400,2]]\n"é…"{}')
  assert.equal(writeExchange([]), '[]\n')
})
