import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, askHttp2, connectHttp2, startGateway } from '../../helper.ts'
import { startCollector } from './collector.ts'

const callerTrace = '4bf92f3577b34da6a3ce929d0e0e4736'
const callerSpan = '00f067aa0ba902b7'

test('a request is a span of the gateway’s and, under it, one of its call to the upstream', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const { json } = await ask(gateway, { path: '/any?secret=1', headers: { host: 'shop.example:8443', 'x-request-id': 'traced' } })
  const [server, call] = await collector.collected(2).then((spans) => spans.sort((one, other) => one.kind - other.kind))

  assert.equal(server!.kind, 2)
  assert.equal(server!.name, 'GET')
  assert.equal(server!.parentSpanId, undefined)
  assert.deepEqual(server!.attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'https',
    'url.path': '/any',
    'server.address': 'shop.example',
    'server.port': 8443,
    'client.address': '127.0.0.1',
    'network.peer.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
    'http.response.header.x-request-id': ['traced']
  })
  const upstream = new URL(call!.attributes['url.full'] as string)
  assert.equal(call!.kind, 3)
  assert.equal(call!.parentSpanId, server!.spanId)
  assert.equal(call!.traceId, server!.traceId)
  assert.equal(upstream.pathname + upstream.search, '/any')
  assert.deepEqual(call!.attributes, {
    'http.request.method': 'GET',
    'url.full': upstream.href,
    'server.address': '127.0.0.1',
    'server.port': Number(upstream.port),
    'network.protocol.version': '1.1',
    'http.response.status_code': 200
  })
  assert.ok(server!.start <= call!.start && call!.start <= call!.end && call!.end <= server!.end)
  assert.deepEqual([server!.status.code, call!.status.code], [0, 0])
  assert.equal(json.headers.traceparent, `00-${call!.traceId}-${call!.spanId}-01`)
  const line = gateway.logged.find(({ msg }) => msg === 'request')
  assert.equal(line!.traceId, server!.traceId)
  const { 'service.name': name, 'service.namespace': namespace } = server!.resource
  assert.deepEqual([namespace, name], ['model-edge', 'gateway'])
})

test('a trusted caller’s span is the parent', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, TRUST_PROXY: '127.0.0.1' })
  await ask(gateway, { headers: { traceparent: `00-${callerTrace}-${callerSpan}-01`, tracestate: 'vendor=1', 'x-forwarded-for': '192.0.2.7' } })
  const server = (await collector.collected(2)).find(({ kind }) => kind === 2)!
  assert.equal(server.traceId, callerTrace)
  assert.equal(server.parentSpanId, callerSpan)
  assert.equal(server.traceState, 'vendor=1')
  assert.equal(server.attributes['client.address'], '192.0.2.7')
  assert.equal(server.attributes['network.peer.address'], '127.0.0.1')
})

test('HTTP/2 is told as such', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HTTP2: 'on' })
  const session = await connectHttp2(t, gateway)
  await askHttp2(session, { path: '/two' })
  const server = (await collector.collected(2)).find(({ kind }) => kind === 2)!
  assert.equal(server.attributes['network.protocol.version'], '2')
  assert.equal(server.attributes['url.scheme'], 'https')
  assert.equal(server.attributes['http.response.status_code'], 200)
  assert.equal(server.attributes['server.address'], 'localhost')
})

test('what is secret in a request is in no export', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  await ask(gateway, {
    method: 'POST',
    path: '/upload?key=planted-query',
    headers: {
      authorization: 'Bearer planted-authorization', cookie: 'planted-cookie', 'x-api-key': 'planted-key', 'content-type': 'text/plain', referer: 'https://a/?planted-referer'
    },
    body: 'planted-body'
  })
  await collector.collected(2)
  const sent = JSON.stringify(collector.exports)
  assert.match(sent, /\/upload/)
  assert.doesNotMatch(sent, /planted/)
})

test('exports carry the configured headers, which the log does not', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/tenant/`, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20planted, x-tenant=one'
  })
  await ask(gateway)
  await collector.collected(2)
  const [{ path, headers }] = collector.exports as [(typeof collector.exports)[number]]
  assert.equal(path, '/tenant/v1/traces')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers.authorization, 'Bearer planted')
  assert.equal(headers['x-tenant'], 'one')
  assert.doesNotMatch(JSON.stringify(gateway.logged), /planted/)
})
