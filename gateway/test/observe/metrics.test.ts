import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { createMetrics } from '../../src/observe/metrics.ts'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { ask, connectTo, sendRaw, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

/** What a scrape of the gateway would read, by name and labels as they are written. */
async function scrape (gateway: TestGateway): Promise<Map<string, number>> {
  const { counts, connections, upstreams } = gateway
  const text = await createMetrics({ counts, connections, upstreams, limiter: undefined, certificateExpires: () => new Date(0) }).metrics()
  return new Map(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ')
    return [line.slice(0, at), Number(line.slice(at + 1))] as const
  }))
}

const named = (samples: Map<string, number>, name: string) => [...samples].filter(([key]) => key.startsWith(name))

test('requests are counted by route, method, class of status and scheme; unknown paths and methods are one each', async (t) => {
  const gateway = await startGateway(t, { CLIENT_AUTH_EXEMPT: '/open', RATE_LIMIT_RPS: '0' })
  await ask(gateway, { path: '/open' })
  for (let i = 0; i < 10; i++) await ask(gateway, { path: `/made/up/${i}` })
  for (const method of ['TRACE', 'PURGE', 'LINK']) await ask(gateway, { method })
  await until(() => gateway.logged.filter(({ msg }) => msg === 'request').length === 14)
  const samples = await scrape(gateway)
  assert.deepEqual(named(samples, 'http_server_request_duration_seconds_count'), [
    ['GET', '/open', '2xx', 1], ['GET', '/*', '2xx', 10], ['TRACE', '/', '4xx', 1], ['_OTHER', '/', '4xx', 2]
  ].map(([method, route, statuses, count]) => [
    `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${route}",` +
    `http_response_status_class="${statuses}",url_scheme="https"}`, count
  ]))
  assert.equal(samples.get('gateway_refused_requests_total{error_type="METHOD_NOT_ALLOWED"}'), 3)
})

test('requests under way are told', async (t) => {
  let answer: (() => void) | undefined
  const gateway = await startGateway(t, {}, (_request, response) => { answer = () => response.end() })
  const asked = ask(gateway)
  await until(() => answer !== undefined)
  const active = 'http_server_active_requests{http_request_method="GET",url_scheme="https"}'
  assert.equal((await scrape(gateway)).get(active), 1)
  answer!()
  await asked
  await until(() => gateway.logged.some(({ msg }) => msg === 'request'))
  assert.equal((await scrape(gateway)).get(active), 0)
})

test('calls to upstreams: how long, how many, what came of them', async (t) => {
  const gateway = await startGateway(t, { UPSTREAM_TIMEOUT_MS: '300' }, (request, response) => {
    if (request.url === '/break') request.socket.destroy()
    else if (request.url !== '/hang') response.writeHead(request.url === '/teapot' ? 418 : 200).end()
  })
  for (const path of ['/', '/teapot', '/break', '/hang']) await ask(gateway, { path })
  const samples = await scrape(gateway)
  const { address } = gateway.upstreams.backends[0]!
  const server = `server_address="127.0.0.1",server_port="${address.split(':')[1]}"`
  const count = (statuses: string, failure: string) => samples.get('http_client_request_duration_seconds_count' +
    `{${server},http_response_status_class="${statuses}",error_type="${failure}"}`)
  assert.deepEqual([count('2xx', ''), count('4xx', ''), count('', 'broken'), count('', 'timeout')], [1, 1, 1, 1])
  assert.equal(samples.get(`gateway_upstream_up{${server}}`), 1)
  assert.equal(samples.get(`http_client_active_requests{${server}}`), 0)
})

test('an upstream that can’t be connected to: retries and ejections', async (t) => {
  const gateway = await startGateway(t, { PREDICTOR_URL: 'http://127.0.0.1:1,http://127.0.0.2:1' })
  for (let i = 0; i < 4; i++) assert.equal((await ask(gateway)).status, 502)
  const samples = await scrape(gateway)
  const sum = (name: string) => named(samples, name).reduce((all, [, value]) => all + value, 0)
  assert.equal(sum('gateway_upstream_retries_total'), 4)
  // At each one's third failure.
  assert.equal(sum('gateway_upstream_ejections_total'), 2)
  assert.equal(samples.get('http_client_request_duration_seconds_count{server_address="127.0.0.1",server_port="1",http_response_status_class="",error_type="connect"}'), 4)
  assert.deepEqual([samples.get('gateway_upstreams'), samples.get('gateway_upstreams_up')], [2, 0])
})

test('exchanges: their sizes, and who waits for one', async (t) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0', COALESCE_MAX: '4' }, exchangeUpstream([], () => opened))
  const options = { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json' }, body: '{}' }
  const asked = Array.from({ length: 20 }, () => ask(gateway, options))
  await until(() => gateway.counts.exchanges.waiting === 20 - gateway.counts.exchanges.items.sum && gateway.counts.exchanges.items.sum > 0)
  assert.ok((await scrape(gateway)).get('gateway_exchange_requests_waiting')! > 0)
  open()
  await Promise.all(asked)
  const samples = await scrape(gateway)
  assert.equal(samples.get('gateway_exchange_requests_waiting'), 0)
  assert.equal(samples.get('gateway_exchange_items_sum'), 20)
  assert.equal(samples.get('gateway_exchange_items_bucket{le="4"}'), samples.get('gateway_exchange_items_count'))
})

test('connections that are refused, handshakes that are made and that fail', async (t) => {
  const gateway = await startGateway(t, { MAX_CONNECTIONS_PER_CLIENT: '1', TLS_MIN_VERSION: 'TLSv1.3' })
  const held = await connectTo(t, gateway)
  await closed(connect(gateway.port, '127.0.0.1'))
  held.destroy()
  await until(() => gateway.connections.open === 0)
  await closed(connectTls({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', maxVersion: 'TLSv1.2' }))
  await until(() => gateway.connections.open === 0)
  const samples = await scrape(gateway)
  assert.equal(samples.get('gateway_connections_refused_total{reason="connections of one client"}'), 1)
  assert.equal(samples.get('gateway_tls_handshakes_total{tls_protocol_version="1.3"}'), 1)
  assert.equal(samples.get('gateway_tls_handshake_failures_total{reason="protocol_version"}'), 1)
})

function closed (socket: Socket): Promise<unknown> {
  return new Promise((resolve) => { socket.on('error', () => {}).once('close', resolve) })
}

test('malformed requests are counted by their code', async (t) => {
  const gateway = await startGateway(t)
  await sendRaw(t, gateway, 'NONSENSE\r\n\r\n')
  assert.equal((await scrape(gateway)).get('gateway_refused_requests_total{error_type="BAD_REQUEST"}'), 1)
})
