import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { after, before, test } from 'node:test'
import { startCollector } from './collector.ts'
import type { CollectedSpan } from './collector.ts'
import { fetchOnce, predict } from './https.ts'
import { startStack } from './stack.ts'
import type { Stack } from './stack.ts'

let stack: Stack
let collector: Awaited<ReturnType<typeof startCollector>>
const cleanups: (() => unknown)[] = []
before(async () => {
  const scope = { after: (clean: unknown) => { cleanups.push(clean as () => unknown) } }
  collector = await startCollector(scope)
  stack = await startStack(scope, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20planted-secret', TRUST_PROXY: '127.0.0.1', HTTP2: 'on'
  })
})
after(async () => { for (const clean of cleanups) await clean() })

const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

/** A trace's spans from the outermost inwards; each must be the only child of the one before, and lie within it. */
function chain (spans: CollectedSpan[], traceId: string): CollectedSpan[] {
  const own = spans.filter((span) => span.traceId === traceId)
  const ordered = own.filter(({ parentSpanId }) => !own.some(({ spanId }) => spanId === parentSpanId))
  for (let i = 0; i < ordered.length; i++) ordered.push(...own.filter(({ parentSpanId }) => parentSpanId === ordered[i]!.spanId))
  assert.equal(ordered.length, own.length)
  for (const [i, { parentSpanId }] of ordered.entries()) if (i > 0) assert.equal(parentSpanId, ordered[i - 1]!.spanId)
  return ordered
}

const named = (spans: CollectedSpan[]) => spans.map(({ service, name }) => `${service}: ${name}`)
const wholeChain = ['gateway: POST /predict', 'gateway: exchange /predict', 'predictor: POST /predict', 'predictor: inference']

/** Resolves with that many more spans than there were. */
async function spansOf (count: number, send: () => Promise<unknown>): Promise<CollectedSpan[]> {
  const before = collector.spans.length
  await send()
  return (await collector.collected(before + count)).slice(before)
}

test('a prediction is one trace from the caller through the exchange to the inference', async () => {
  const spans = await spansOf(4, () => fetchOnce(`${stack.url}/predict`, {
    method: 'POST',
    ca: stack.ca,
    headers: { 'content-type': 'application/json', traceparent: `00-${caller.traceId}-${caller.spanId}-01`, 'x-request-id': 'e2e-traced' },
    body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
  }))
  const trace = chain(spans, caller.traceId)
  assert.deepEqual(named(trace), wholeChain)
  assert.equal(trace[0]!.parentSpanId, caller.spanId)
  for (const service of ['gateway', 'predictor']) {
    const server = trace.find((span) => span.service === service)!
    assert.equal(server.attributes['http.response.header.x-request-id'], 'e2e-traced')
    assert.equal(server.attributes['http.response.status_code'], 200)
  }
  const line = await stack.local.said(/"requestId":"e2e-traced".*/)
  assert.match(line[0], new RegExp(`"traceId":"${caller.traceId}"`))
})

test('concurrent predictions that share exchanges and executions are a whole trace each', async () => {
  const spans = await spansOf(160, () => Promise.all(Array.from({ length: 40 }, () => predict(stack.url, stack.ca))))
  const traceIds = new Set(spans.map(({ traceId }) => traceId))
  assert.equal(traceIds.size, 40)
  for (const traceId of traceIds) assert.deepEqual(named(chain(spans, traceId)), wholeChain)
})

test('over HTTP/2 too', async () => {
  const session = connect(stack.url, { ca: stack.ca })
  const spans = await spansOf(4, async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/predict', 'content-type': 'application/json' })
    stream.end('{"iris_dimensions":[6.3,3.3,6,2.5]}')
    stream.resume()
    await once(stream, 'end')
  })
  session.close()
  assert.deepEqual(named(chain(spans, spans[0]!.traceId)), wholeChain)
  assert.equal(spans.find(({ name, service }) => service === 'gateway' && name === 'POST /predict')!.attributes['network.protocol.version'], '2')
})

test('what is proxied by itself is a trace without an exchange', async () => {
  const spans = await spansOf(3, () => fetchOnce(`${stack.url}/?planted=1`, { ca: stack.ca }))
  assert.deepEqual(named(chain(spans, spans[0]!.traceId)), ['gateway: GET', 'gateway: GET', 'predictor: GET /'])
})

test('the last spans are exported before the services end; the collector’s password is nowhere', async () => {
  const had = collector.spans.length
  await predict(stack.url, stack.ca)
  stack.local.child.kill('SIGTERM')
  assert.equal(await stack.local.ended, 0)
  const last = collector.spans.slice(had)
  assert.deepEqual(named(chain(last, last[0]!.traceId)), wholeChain)
  assert.deepEqual([...collector.authorizations], ['Bearer planted-secret'])
  assert.doesNotMatch(stack.local.output() + JSON.stringify(collector.spans), /planted/)
  assert.doesNotMatch(stack.local.output(), /trace export failed/)
})
