import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceContext, traceparentOf } from '../../src/observe/trace-context.ts'
import { ask, startGateway } from '../helper.ts'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

test('a valid traceparent is joined with a span of our own', () => {
  const trace = traceContext({ traceparent: `00-${id}-${parent}-01`, tracestate: 'a=1,b=2' }, true)
  assert.equal(trace.traceId, id)
  assert.match(trace.spanId, /^[0-9a-f]{16}$/)
  assert.notEqual(trace.spanId, parent)
  assert.equal(trace.state, 'a=1,b=2')
  assert.equal(traceparentOf(trace), `00-${id}-${trace.spanId}-01`)
})

test('only the trusted decide that a trace is recorded', () => {
  assert.equal(traceContext({ traceparent: `00-${id}-${parent}-01` }, false).sampled, false)
  assert.equal(traceContext({ traceparent: `00-${id}-${parent}-00` }, true).sampled, false)
  assert.equal(traceContext({ traceparent: `00-${id}-${parent}-03` }, true).sampled, true)
})

test('of the traces that nobody trusted has decided on, a share is recorded', () => {
  const recorded = (headers: { traceparent?: string }, trusted: boolean, share: number) =>
    Array.from({ length: 10_000 }, () => traceContext(headers, trusted, share)).filter(({ sampled }) => sampled).length
  const given = { traceparent: `00-${id}-${parent}-01` }
  // Ten standard deviations around the half.
  for (const headers of [{}, given]) assert.ok(Math.abs(recorded(headers, false, 0.5) - 5000) < 500)
  assert.equal(recorded({}, true, 1), 10_000)
  assert.equal(recorded({}, true, 0), 0)
  assert.equal(recorded(given, true, 0), 10_000)
})

test('the random flag is passed on as it came', () => {
  const flags = (given: string, trusted: boolean) => traceparentOf(traceContext({ traceparent: `00-${id}-${parent}-${given}` }, trusted)).slice(-2)
  assert.deepEqual(['00', '01', '02', '03', 'ff'].map((given) => flags(given, true)), ['00', '01', '02', '03', '03'])
  assert.equal(flags('03', false), '02')
})

test('a later version is read as far as it is known', () => {
  assert.equal(traceContext({ traceparent: `01-${id}-${parent}-01-more` }, true).traceId, id)
})

test('a broken traceparent starts a new trace and loses its tracestate', () => {
  for (const broken of [
    '', 'x', `00-${id}-${parent}`, `00-${id}-${parent}-01-more`, `ff-${id}-${parent}-01`, `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${id}-${'0'.repeat(16)}-01`, `00-${id.toUpperCase()}-${parent}-01`, `00-${id}-${parent}-01, 00-${id}-${parent}-01`, `00-${id}-${parent}-0g`
  ]) {
    const { traceId, state } = traceContext({ traceparent: broken, tracestate: 'a=1' }, true)
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.notEqual(traceId, id, broken)
    assert.equal(state, undefined)
  }
})

test('a tracestate that is too long or not ASCII is dropped', () => {
  for (const tracestate of ['x'.repeat(513), 'a=é']) {
    assert.equal(traceContext({ traceparent: `00-${id}-${parent}-01`, tracestate }, true).state, undefined)
  }
})

test('the upstream gets the trace, the log names it', async (t) => {
  const gateway = await startGateway(t)
  const joined = await ask(gateway, { headers: { traceparent: `00-${id}-${parent}-01`, tracestate: 'a=1' } })
  assert.match(joined.json.headers.traceparent, new RegExp(`^00-${id}-[0-9a-f]{16}-00$`))
  assert.equal(joined.json.headers.tracestate, 'a=1')
  const fresh = await ask(gateway)
  const [, traceId] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(fresh.json.headers.traceparent)!
  assert.deepEqual(gateway.logged.filter((line) => line.msg === 'request').map((line) => line.traceId), [id, traceId])
})
