import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ask, connectTo, startGateway } from '../helper.ts'

/** An upstream that answers each connection's first bytes with bytes of the test's own making. */
async function rawUpstream (t: TestContext, answer: (socket: Socket) => void): Promise<{ PREDICTOR_URL: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    socket.once('data', (data) => {
      if (String(data).startsWith('GET /v2/health/ready')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      else answer(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { PREDICTOR_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('nobody listening: 502, and not a word about who', async (t) => {
  const gateway = await startGateway(t, { PREDICTOR_URL: 'http://127.0.0.1:1' })
  const { status, json } = await ask(gateway, { method: 'POST', body: '{}' })
  assert.equal(status, 502)
  assert.deepEqual(Object.keys(json), ['error', 'code', 'requestId'])
  assert.equal(json.code, 'UPSTREAM_UNREACHABLE')
  // Not the request's id, whose digits are chance.
  assert.doesNotMatch(`${json.error} ${json.code}`, /\d|ECONN|undici/)
  const logged = gateway.logged.find((line) => line.msg === 'upstream failed')
  assert.match(JSON.stringify(logged), /ECONNREFUSED/)
})

test('a slow upstream: 504 at the time-out', async (t) => {
  const gateway = await startGateway(t, { UPSTREAM_TIMEOUT_MS: '100' }, () => {})
  const { status, json } = await ask(gateway)
  assert.equal(status, 504)
  assert.equal(json.code, 'UPSTREAM_TIMEOUT')
})

test('an upstream’s own errors are passed on, with its Retry-After, after one attempt', async (t) => {
  let attempts = 0
  const gateway = await startGateway(t, {}, (request, response) => {
    if (request.url !== '/') {
      response.end()
      return
    }
    attempts++
    response.writeHead(503, { 'retry-after': '7', 'content-type': 'application/json' }).end('{"error":"busy","code":"OVERLOADED","requestId":"x"}')
  })
  const { status, headers, json } = await ask(gateway)
  assert.equal(status, 503)
  assert.equal(headers['retry-after'], '7')
  assert.equal(json.code, 'OVERLOADED')
  assert.equal(attempts, 1)
})

for (const [what, bytes] of [
  ['garbage', 'HELLO\r\n\r\n'],
  ['a reset', ''],
  ['a status out of range', 'HTTP/1.1 99 No\r\ncontent-length: 0\r\n\r\n'],
  ['a header without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100000)}`],
  ['a status beyond all', 'HTTP/1.1 999 No\r\nx-upstream: secret\r\ncontent-length: 0\r\n\r\n'],
  ['broken chunks', 'HTTP/1.1 200 OK\r\nx-upstream: secret\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab']
] as const) {
  test(`an upstream that answers ${what}: 502`, async (t) => {
    const gateway = await startGateway(t, await rawUpstream(t, (socket) => bytes === '' ? socket.resetAndDestroy() : socket.end(bytes)))
    const { status, headers, json } = await ask(gateway)
    assert.equal(status, 502)
    assert.equal(json.code, 'UPSTREAM_UNREACHABLE')
    assert.equal(headers['x-upstream'], undefined)
  })
}

test('an answer cut short is cut short for the client too, never completed', async (t) => {
  const gateway = await startGateway(t, await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy())
  }))
  await assert.rejects(ask(gateway))
  assert.equal((await ask(await startGateway(t))).status, 200)
})

test('one bad answer costs no request beside it', async (t) => {
  const bad = ['HELLO\r\n\r\n', 'HTTP/1.1 99 No\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort', '']
  let count = 0
  const gateway = await startGateway(t, {}, (request, response) => {
    // Every other request is answered badly, on a connection that good ones came over.
    if (request.url !== '/' || count++ % 2 === 0) response.end('good')
    else request.socket.end(bad[count % bad.length]!)
  })
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => ask(gateway)))
  const good = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.body === 'good')
  assert.equal(good.length, 20)
  assert.equal((await ask(gateway)).body, 'good')
})

test('a client that leaves takes its upstream request with it', async (t) => {
  const cancelled = deferred()
  const arrived = deferred()
  const gateway = await startGateway(t, {}, (request) => {
    arrived.resolve()
    request.socket.once('close', () => cancelled.resolve())
  })
  const socket = await connectTo(t, gateway)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await arrived.promise
  socket.destroy()
  await cancelled.promise
})

function deferred () {
  let resolve = () => {}
  const promise = new Promise<void>((_resolve) => { resolve = _resolve })
  return { promise, resolve }
}
