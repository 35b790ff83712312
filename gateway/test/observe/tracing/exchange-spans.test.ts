import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestListener } from 'node:http'
import { bodyOf, exchangeUpstream, readExchange } from '../../exchange-upstream.ts'
import type { ExchangeRequest } from '../../exchange-upstream.ts'
import { ask, startGateway, until } from '../../helper.ts'
import { startCollector } from './collector.ts'

const post = (body: string, headers = {}) => ({ method: 'POST', path: '/predict', headers: { 'content-type': 'application/json', ...headers }, body })

/** An upstream that speaks the exchange, and keeps what it was told of each request. */
function telling (told: ExchangeRequest['told'][], sizes: number[], before?: () => Promise<void>): RequestListener {
  const speaks = exchangeUpstream(sizes, before)
  return (request, response) => {
    void bodyOf(request).then((bytes) => {
      told.push(...readExchange(bytes).map((item) => item.told))
      const again = Object.assign((async function * () { yield bytes })(), { headers: request.headers })
      speaks(again as never, response)
    })
  }
}

test('requests that share an exchange each have a whole trace; their calls link to the first', async (t) => {
  const collector = await startCollector(t)
  const told: ExchangeRequest['told'][] = []
  const sizes: number[] = []
  let go = () => {}
  const held = new Promise<void>((resolve) => { go = resolve })
  const listener = telling(told, sizes, async () => { if (sizes.length === 0) await held })
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, COALESCE_MAX: '4' }, listener)
  // Two exchanges may be under way at a time; who comes then shares the next.
  const answers = Array.from({ length: 10 }, (_, index) => ask(gateway, post(`{"n":${index}}`, { 'x-request-id': `n${index}` })))
  await until(() => [...gateway.counts.requests.https.active('https')].some(([, active]) => active === 10))
  await new Promise(setImmediate)
  go()
  for (const { status } of await Promise.all(answers)) assert.equal(status, 201)
  const spans = await collector.collected(20)

  const servers = spans.filter(({ kind }) => kind === 2)
  const calls = spans.filter(({ kind }) => kind === 3)
  assert.equal(new Set(servers.map(({ traceId }) => traceId)).size, 10)
  for (const server of servers) {
    const call = calls.find(({ parentSpanId }) => parentSpanId === server.spanId)!
    const item = told.find(({ id }) => id === (server.attributes['http.response.header.x-request-id'] as string[])[0])!
    assert.equal(server.name, 'POST /predict')
    assert.equal(server.attributes['http.route'], '/predict')
    assert.equal(call.name, 'exchange /predict')
    assert.equal(call.traceId, server.traceId)
    assert.equal(call.attributes['http.response.status_code'], 201)
    assert.equal(item.traceparent, `00-${call.traceId}-${call.spanId}-01`)
  }
  const shared = calls.filter(({ attributes }) => attributes['exchange.items'] !== 1)
  assert.ok(shared.length > 1)
  for (const { links } of shared) {
    if (links.length > 0) assert.ok(calls.some(({ spanId, traceId }) => spanId === links[0]!.spanId && traceId === links[0]!.traceId))
  }
  const exchanges = calls.filter(({ links }) => links.length === 0)
  assert.equal(exchanges.reduce((sum, { attributes }) => sum + Number(attributes['exchange.items']), 0), 10)
})

test('a call’s status is its own request’s, and 4xx is an error of the call alone', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, exchangeUpstream([]))
  await ask(gateway, post('[]'))
  const spans = await collector.collected(2)
  const [server, call] = [2, 3].map((wanted) => spans.find(({ kind }) => kind === wanted)!)
  assert.deepEqual([server!.attributes['http.response.status_code'], server!.attributes['error.type'], server!.status.code], [400, undefined, 0])
  assert.deepEqual([call!.attributes['http.response.status_code'], call!.attributes['error.type'], call!.status.code], [400, '400', 2])
})

test('tracestate travels in the exchange, whatever is in it', async (t) => {
  const told: ExchangeRequest['told'][] = []
  const gateway = await startGateway(t, {}, telling(told, []))
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'
  await ask(gateway, post('{}', { traceparent, tracestate: 'a="quoted\\"' }))
  await ask(gateway, post('{}', { traceparent }))
  assert.deepEqual(told.map(({ tracestate }) => tracestate), ['a="quoted\\"', undefined])
})
