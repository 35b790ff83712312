import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { RequestListener } from 'node:http'
import { ask, connectHttp2, connectTo, startGateway } from '../../helper.ts'
import { startCollector } from './collector.ts'
import type { CollectedSpan } from './collector.ts'

interface Case { what: string, env?: Record<string, string>, listener: RequestListener, status: number, server: string, call: string }

const cases: Case[] = [
  { what: 'an upstream’s 500', listener: (_request, response) => { response.writeHead(500).end() }, status: 500, server: '500', call: '500' },
  {
    what: 'an upstream that does not answer in time',
    env: { UPSTREAM_TIMEOUT_MS: '50' },
    listener: () => {},
    status: 504,
    server: 'UPSTREAM_TIMEOUT',
    call: 'UPSTREAM_TIMEOUT'
  },
  {
    what: 'an upstream that ends the connection',
    listener: (request) => { request.socket.destroy() },
    status: 502,
    server: 'UPSTREAM_UNREACHABLE',
    call: 'UPSTREAM_UNREACHABLE'
  }
]

for (const { what, env, listener, status, server, call } of cases) {
  test(`${what} is an error of both spans`, async (t) => {
    const collector = await startCollector(t)
    const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }, listener)
    assert.equal((await ask(gateway)).status, status)
    const spans = await collector.collected(2)
    assert.deepEqual([2, 3].map((kind) => failureOf(spans.find((span) => span.kind === kind)!)), [`${server} 2`, `${call} 2`])
  })
}

function failureOf ({ attributes, status }: CollectedSpan): string {
  return `${attributes['error.type']} ${status.code}`
}

test('what the gateway answers itself has no call, and a client’s mistake is no error', async (t) => {
  const collector = await startCollector(t)
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ALLOWED_HOSTS: 'localhost', RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '3' })
  const statuses: number[] = []
  for (const options of [
    { headers: { host: 'elsewhere' } }, { method: 'PROPFIND', headers: { host: 'localhost' } }, { path: '/%zz', headers: { host: 'localhost' } },
    { headers: { host: 'localhost' } }
  ]) statuses.push((await ask(gateway, options)).status)
  assert.deepEqual(statuses, [421, 405, 400, 429])
  const spans = await collector.collected(4)
  assert.deepEqual(spans.map(({ kind }) => kind), [2, 2, 2, 2])
  assert.deepEqual(spans.map(({ attributes }) => attributes['http.response.status_code']), statuses)
  assert.deepEqual(spans.map(failureOf), Array(4).fill('undefined 0'))
  assert.equal(spans[1]!.name, 'HTTP')
  assert.equal(spans[1]!.attributes['http.request.method'], '_OTHER')
  assert.equal(spans[1]!.attributes['http.request.method_original'], 'PROPFIND')
})

test('a client that leaves before its answer leaves spans without a status', async (t) => {
  const collector = await startCollector(t)
  let arrived = () => {}
  const reached = new Promise<void>((resolve) => { arrived = resolve })
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, () => arrived())
  const socket = await connectTo(t, gateway)
  socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await reached
  socket.destroy()
  await once(socket, 'close')
  const spans = await collector.collected(2)
  assert.deepEqual(spans.map(failureOf), ['client_gone 2', 'client_gone 2'])
  assert.deepEqual(spans.map(({ attributes }) => attributes['http.response.status_code']), [undefined, undefined])
})

test('an HTTP/2 stream that its client resets, and one whose session ends, are no different', async (t) => {
  const collector = await startCollector(t)
  let arrived = () => {}
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HTTP2: 'on' }, () => arrived())
  for (const leave of ['stream', 'session'] as const) {
    const session = await connectHttp2(t, gateway)
    const reached = new Promise<void>((resolve) => { arrived = resolve })
    const stream = session.request({ ':path': '/slow' })
    stream.on('error', () => {})
    await reached
    if (leave === 'stream') stream.close(8)
    else session.destroy()
  }
  const spans = await collector.collected(4)
  assert.deepEqual(spans.map(failureOf), Array(4).fill('client_gone 2'))
  for (const { attributes } of spans.filter(({ kind }) => kind === 2)) {
    assert.deepEqual([attributes['url.scheme'], attributes['network.peer.address']], ['https', '127.0.0.1'])
  }
})
