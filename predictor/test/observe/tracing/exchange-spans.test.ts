import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeItems } from '../../helper.ts'
import type { CollectedSpan } from './collector.ts'
import { traceparent, tracedPredictor } from './traced-predictor.ts'

const exchange = 'application/x-exchange'
const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => ({ trace: letter.repeat(32), caller: letter.repeat(16) }))

/** Items of a trace each, the bodies as given. */
function items (bodies: string[], flags = bodies.map(() => '01')): Buffer {
  return writeItems(bodies.map((body, i) => ({ body, id: `id-${i}`, traceparent: traceparent(ids[i]!.caller, flags[i], ids[i]!.trace) })))
}

const serverOf = (spans: CollectedSpan[], i: number) => spans.find(({ kind, traceId }) => kind === 2 && traceId === ids[i]!.trace)!
const executionsOf = (spans: CollectedSpan[], i: number) => spans.filter(({ kind, traceId }) => kind === 1 && traceId === ids[i]!.trace)

test('each item has its spans in its own trace; those of one execution link to the first', async (t) => {
  const { collector, post } = await tracedPredictor(t)
  assert.equal((await post(exchange, items([row, '{', row, row]))).status, 200)
  const spans = await collector.collected(7)
  for (const i of [0, 1, 2, 3]) {
    const server = serverOf(spans, i)
    assert.equal(server.parentSpanId, ids[i]!.caller)
    assert.equal(server.attributes['http.response.status_code'], i === 1 ? 400 : 200)
    assert.equal(server.attributes['exchange.items'], 4)
    assert.deepEqual(server.attributes['http.response.header.x-request-id'], [`id-${i}`])
  }
  const executions = [0, 1, 2, 3].map((i) => executionsOf(spans, i))
  assert.deepEqual(executions.map(({ length }) => length), [1, 0, 1, 1])
  const [[first], , ...others] = executions as [[CollectedSpan], [], ...[CollectedSpan][]]
  assert.equal(first.parentSpanId, serverOf(spans, 0).spanId)
  assert.deepEqual(first.attributes, { 'inference.rows': 1, 'inference.batch_size': 3 })
  assert.deepEqual(first.links, [])
  for (const [{ links, start, end }] of others) {
    assert.deepEqual(links.map(({ traceId, spanId }) => [traceId, spanId]), [[first.traceId, first.spanId]])
    assert.deepEqual([start, end], [first.start, first.end])
  }
})

test('rows of several executions belong to their own', async (t) => {
  const { collector, post } = await tracedPredictor(t, { executionMax: 2 })
  assert.equal((await post(exchange, items([row, '{}', row, row, row]))).status, 200)
  const spans = await collector.collected(9)
  const starts = [0, 2, 3, 4].map((i) => executionsOf(spans, i).map(({ start }) => start))
  assert.deepEqual(starts.map(({ length }) => length), [1, 1, 1, 1])
  assert.deepEqual(starts[0], starts[1])
  assert.deepEqual(starts[2], starts[3])
  assert.notDeepEqual(starts[1], starts[2])
})

test('items that nobody records leave nothing', async (t) => {
  const { collector, post, tracing } = await tracedPredictor(t)
  assert.equal((await post(exchange, items([row, row], ['00', '01']))).status, 200)
  assert.equal((await post(exchange, items([row, row], ['00', '00']))).status, 200)
  assert.equal((await post(exchange, writeItems([{ body: row }]))).status, 200)
  await tracing.close(Infinity)
  assert.deepEqual(collector.spans.map(({ traceId }) => traceId), [ids[1]!.trace, ids[1]!.trace])
})

test('an exchange that is refused as a whole is an error of each item', async (t) => {
  const { collector, post } = await tracedPredictor(t, { queueMax: 2 })
  await Promise.all([1, 2, 3].map(() => post(exchange, items([row, row]))))
  const spans = await collector.collected(6)
  const statuses = spans.filter(({ kind }) => kind === 2).map(({ attributes, status }) => `${attributes['http.response.status_code']} ${status.code}`)
  assert.equal(statuses.length, 6)
  for (const status of statuses) assert.match(status, /^(200 0|503 2)$/)
})
