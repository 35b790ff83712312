import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { request as plainRequest } from 'node:http'
import { once } from 'node:events'
import { ask, askHttp2, connectHttp2, connectTo, sendRaw, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'
import { exchangeUpstream } from '../exchange-upstream.ts'

const requests = ({ logged }: TestGateway) => logged.filter(({ msg }) => msg === 'request')

/** The one line there is, when it is there. */
async function line (gateway: TestGateway): Promise<Record<string, unknown>> {
  await until(() => requests(gateway).length > 0)
  const [first, ...more] = requests(gateway)
  assert.deepEqual(more, [])
  return first!
}

const traceId = '0123456789abcdef0123456789abcdef'

test('a request has one line that tells all of it', async (t) => {
  const gateway = await startGateway(t, { UPSTREAM_TIMEOUT_MS: '5000' })
  const headers = { 'x-request-id': 'mine', traceparent: `00-${traceId}-0123456789abcdef-00`, 'content-type': 'text/plain' }
  const { body } = await ask(gateway, { method: 'PUT', path: '/a/b?token=planted', headers, body: 'hello' })
  const { time, ms, upstreamMs, upstream, pid: _, hostname: __, ...fields } = await line(gateway)
  assert.ok(Number(time) > 0)
  assert.ok(Number(ms) >= Number(upstreamMs) && Number(upstreamMs) > 0)
  assert.match(upstream as string, /^127\.0\.0\.1:\d+$/)
  assert.deepEqual(fields, {
    level: 30,
    requestId: 'mine',
    traceId,
    client: '127.0.0.1',
    method: 'PUT',
    route: '/*',
    path: '/a/b',
    status: 200,
    bytesIn: 5,
    bytesOut: Buffer.byteLength(body),
    httpVersion: '1.1',
    tlsVersion: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    rateLimit: 'admitted',
    msg: 'request'
  })
})

test('a coalesced request’s line tells of its exchange', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0' }, exchangeUpstream([]))
  await ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
  const { route, items, upstreamMs, bytesIn, bytesOut, rateLimit } = await line(gateway)
  assert.deepEqual({ route, items, bytesIn, bytesOut, rateLimit }, { route: '/predict', items: 1, bytesIn: 7, bytesOut: 11, rateLimit: undefined })
  assert.ok(Number(upstreamMs) > 0)
})

test('HTTP/2: its version, and the same of everything else', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const { body } = await askHttp2(await connectHttp2(t, gateway), { path: '/x' })
  const { httpVersion, status, bytesOut, cipher, aborted } = await line(gateway)
  assert.deepEqual({ httpVersion, status, bytesOut, cipher, aborted },
    { httpVersion: '2.0', status: 200, bytesOut: body.length, cipher: 'TLS_AES_128_GCM_SHA256', aborted: undefined })
})

test('the plain port’s line has no TLS, and HEAD’s and 204’s no bytes', async (t) => {
  const gateway = await startGateway(t, {}, ({ method }, response) => {
    if (method === 'HEAD') response.writeHead(200, { 'content-length': 42 }).end()
    else response.writeHead(204).end()
  })
  plainRequest({ port: gateway.redirectPort, host: '127.0.0.1', path: '/r', agent: false }).end()
  await until(() => requests(gateway).length === 1)
  await ask(gateway, { method: 'HEAD', path: '/h' })
  await ask(gateway, { path: '/n' })
  await until(() => requests(gateway).length === 3)
  assert.deepEqual(requests(gateway).map(({ path, status, bytesOut, tlsVersion }) => [path, status, bytesOut, tlsVersion]), [
    ['/r', 301, 0, undefined], ['/h', 200, 0, 'TLSv1.3'], ['/n', 204, 0, 'TLSv1.3']
  ])
})

test('what is limited, what is refused and what is malformed each have a line with a code', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '3' })
  await ask(gateway, { path: '/..;/%2e%2e/' })
  await ask(gateway, { path: '/%', headers: {} })
  await sendRaw(t, gateway, 'NONSENSE\r\n\r\n')
  await ask(gateway, { path: '/fine' })
  await until(() => requests(gateway).length === 4)
  const told = requests(gateway).map(({ status, code, rateLimit }) => [status, code, rateLimit])
  assert.deepEqual(told.slice(0, 3), [[400, 'BAD_REQUEST', 'admitted'], [400, 'BAD_REQUEST', 'admitted'], [400, 'BAD_REQUEST', undefined]])
  assert.deepEqual(told[3], [429, 'RATE_LIMITED', 'limited'])
  for (const { requestId } of requests(gateway)) assert.match(requestId as string, /^[0-9a-f]{16}-/)
})

test('a path that is no plain text stays one JSON string, and a long one is cut', async (t) => {
  const gateway = await startGateway(t)
  await sendRaw(t, gateway, 'GET /a"b\\c HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  await ask(gateway, { path: `/${'x'.repeat(5000)}` })
  await until(() => requests(gateway).length === 2)
  const [odd, long] = requests(gateway).map(({ path }) => path as string)
  assert.equal(odd, '/a"b\\c')
  assert.equal(long!.length, 1025)
})

test('health checks of all kinds are told at debug alone while they are good', async (t) => {
  const gateway = await startGateway(t, { UPSTREAM_HEALTH_PATH: '/v2/health/ready' }, (request, response) => {
    response.statusCode = request.url === '/v2/health/bad' ? 503 : 200
    response.end()
  })
  for (const path of ['/v2/health/live', '/v2/health/bad', '/v2/healthy']) await ask(gateway, { path })
  await until(() => gateway.logged.filter(({ msg }) => msg === 'request').length === 3)
  const told = gateway.logged.filter(({ msg }) => msg === 'request').map(({ level, path }) => [level, path])
  assert.deepEqual(told, [[20, '/v2/health/live'], [30, '/v2/health/bad'], [30, '/v2/healthy']])
})

test('health checks through the gateway are told at debug alone', async (t) => {
  const gateway = await startGateway(t, { UPSTREAM_HEALTH_PATH: '/v2/health/ready' })
  await ask(gateway, { path: '/v2/health/ready?deep=1' })
  const { level, route } = await line(gateway)
  assert.deepEqual({ level, route }, { level: 20, route: '/v2/health/ready' })
})

for (const HTTP2 of ['off', 'on']) {
  test(`HTTP/2 ${HTTP2}: who leaves before the answer is 499 without a word about errors; who leaves in its middle is told as aborted`, async (t) => {
    let arrived = () => {}
    const gateway = await startGateway(t, { HTTP2 }, (request, response) => {
      if (request.url === '/begun') response.write('half')
      arrived()
    })
    const leave = async (path: string) => {
      const isThere = new Promise<void>((resolve) => { arrived = resolve })
      const { begun, go } = await begin(t, gateway, HTTP2, path)
      await isThere
      if (path === '/begun') await begun
      go()
    }
    await leave('/silent')
    await until(() => requests(gateway).length === 1)
    await leave('/begun')
    await until(() => requests(gateway).length === 2)
    const [silent, begun] = requests(gateway)
    assert.deepEqual([silent?.status, silent?.aborted, silent?.bytesOut], [499, true, 0])
    assert.deepEqual([begun?.status, begun?.aborted, begun?.bytesOut], [200, true, 4])
    await until(() => gateway.upstreams.inFlight === 0)
    assert.deepEqual(gateway.logged.filter(({ level }) => Number(level) > 30), [])
    const active = [...gateway.counts.requests.https.active('https')]
    assert.deepEqual(active.map(([, value]) => value), [0])
  })
}

/** Sends a GET; `begun` is when its answer is, `go` takes it back. */
async function begin (t: TestContext, gateway: TestGateway, HTTP2: string, path: string) {
  if (HTTP2 === 'on') {
    const stream = (await connectHttp2(t, gateway)).request({ ':path': path })
    stream.on('error', () => {})
    return { begun: once(stream, 'data'), go: () => stream.close(8) }
  }
  const socket = await connectTo(t, gateway)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
  return { begun: once(socket, 'data'), go: () => socket.destroy() }
}
