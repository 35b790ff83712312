import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceId, traceparent, tracedPredictor } from './traced-predictor.ts'

const caller = '00f067aa0ba902b7'
const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

test('a request is a span under its caller’s, and its execution one under that', async (t) => {
  const { collector, post, url } = await tracedPredictor(t)
  const headers = { traceparent: traceparent(caller), tracestate: 'vendor=1', 'x-request-id': 'traced' }
  assert.equal((await post('application/json', row, headers)).status, 200)
  const spans = await collector.collected(2)
  const server = spans.find(({ kind }) => kind === 2)!
  const inference = spans.find(({ kind }) => kind === 1)!
  assert.deepEqual([server.traceId, server.parentSpanId, server.traceState], [traceId, caller, 'vendor=1'])
  assert.equal(server.name, 'POST /predict')
  assert.deepEqual(server.attributes, {
    'http.request.method': 'POST',
    'url.scheme': 'http',
    'url.path': '/predict',
    'http.route': '/predict',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(url).port),
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
    'http.response.header.x-request-id': ['traced']
  })
  assert.deepEqual([inference.traceId, inference.parentSpanId, inference.name], [traceId, server.spanId, 'inference'])
  assert.deepEqual(inference.attributes, { 'inference.rows': 1, 'inference.batch_size': 1 })
  assert.ok(server.start <= inference.start && inference.start <= inference.end && inference.end <= server.end)
  assert.deepEqual([server.resource['service.namespace'], server.resource['service.name']], ['model-edge', 'predictor'])
})

test('lines are executed a slice at a time, each a span', async (t) => {
  const { collector, post } = await tracedPredictor(t, { executionMax: 2 })
  const body = [row, row, '{', row, row].join('\n')
  assert.equal((await post('application/x-ndjson', body, { traceparent: traceparent(caller) })).status, 200)
  const spans = await collector.collected(4)
  const executions = spans.filter(({ name }) => name === 'inference').map(({ attributes }) => attributes['inference.rows'])
  assert.deepEqual(executions, [2, 1, 1])
})

test('a refused request has no execution and is no error; the model’s failure is one', async (t) => {
  const { collector, post, model } = await tracedPredictor(t)
  assert.equal((await post('application/json', '{}', { traceparent: traceparent(caller) })).status, 400)
  model.classify = () => { throw new Error('planted') }
  assert.equal((await post('application/json', row, { traceparent: traceparent(caller) })).status, 500)
  const spans = await collector.collected(3)
  const servers = spans.filter(({ kind }) => kind === 2)
  assert.deepEqual(servers.map(({ attributes, status }) => [attributes['http.response.status_code'], attributes['error.type'], status.code]), [
    [400, undefined, 0], [500, '500', 2]
  ])
  assert.doesNotMatch(JSON.stringify(collector.exports), /planted|iris_dimensions|5\.1/)
})

test('only what its caller records is recorded', async (t) => {
  const { collector, post, tracing } = await tracedPredictor(t)
  for (const headers of [
    {}, { traceparent: traceparent(caller, '00') }, { traceparent: 'nonsense' }, { traceparent: traceparent('0'.repeat(16)) },
    { traceparent: `${traceparent(caller)}-more` }, { traceparent: traceparent(caller, '01', '0'.repeat(32)) }
  ]) assert.equal((await post('application/json', row, headers)).status, 200)
  await tracing.close(Infinity)
  assert.deepEqual(collector.spans, [])
})
