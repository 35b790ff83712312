import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { bodyOf, exchangeUpstream } from '../exchange-upstream.ts'
import { ask, connectTo, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const head = (length: number, more = '') =>
  `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`
const lines = ({ logged }: TestGateway) => logged.filter(({ msg }) => msg === 'request')

test('requests sent without waiting for answers are answered in their order', async (t) => {
  const gateway = await startGateway(t, {}, exchangeUpstream([]))
  const socket = await connectTo(t, gateway)
  let text = ''
  socket.on('data', (bytes) => { text += String(bytes) })
  const numbers = Array.from({ length: 30 }, (_, i) => i)
  socket.write(numbers.map((i) => `${head(5)}{${String(i).padStart(3, '0')}}`).join(''))
  await until(() => (text.match(/HTTP\/1\.1 201 /g) ?? []).length === numbers.length)
  assert.deepEqual([...text.matchAll(/"\{(\d+)\}"/g)].map(([, number]) => Number(number)), numbers)
})

test('a body in pieces arrives as one', async (t) => {
  const gateway = await startGateway(t, {}, exchangeUpstream([]))
  const socket = await connectTo(t, gateway)
  socket.write(head(9))
  for (const piece of ['{"a', '"', ':12}']) {
    await new Promise(setImmediate)
    socket.write(piece)
  }
  socket.write(' ')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /"\{\\"a\\":12\} "$/)
})

test('a body that does not come in time: 408, once, and the connection ends', async (t) => {
  const gateway = await startGateway(t, { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '200' }, exchangeUpstream([]))
  const socket = await connectTo(t, gateway)
  let text = ''
  socket.on('data', (bytes) => { text += String(bytes) })
  socket.write(`${head(9)}{"a`)
  await once(socket, 'close')
  assert.equal(text.match(/HTTP\/1\.1 /g)!.length, 1)
  assert.match(text, /^HTTP\/1\.1 408 [\s\S]*connection: close[\s\S]*"code":"REQUEST_TIMEOUT"/i)
  await until(() => lines(gateway).length === 1)
  assert.deepEqual(lines(gateway).map(({ status, code }) => [status, code]), [[408, 'REQUEST_TIMEOUT']])
})

test('a client that leaves is logged once, and as on the usual way: in the middle of its body, and before its answer', async (t) => {
  const gateway = await startGateway(t, {}, () => {})
  for (const more of ['', 'Cookie: a=b\r\n']) {
    for (const body of ['{"a', '{"a":1}  ']) {
      const socket = await connectTo(t, gateway)
      const logged = lines(gateway).length
      socket.write(`${head(9, more)}${body}`)
      socket.end()
      await until(() => lines(gateway).length === logged + 1)
      socket.destroy()
    }
  }
  await until(() => gateway.connections.open === 0)
  const told = lines(gateway).map(({ status, code, aborted }) => ({ status, code, aborted }))
  assert.equal(told.length, 4)
  assert.deepEqual(told.slice(0, 2), told.slice(2))
})

test('a connection that breaks in the middle of a body is still told in the line', async (t) => {
  const gateway = await startGateway(t, {}, () => {})
  const connected = once(gateway.app.server, 'secureConnection')
  const socket = await connectTo(t, gateway)
  const [held] = await connected
  const { standardName } = socket.getCipher()
  socket.write(`${head(9)}{"a`)
  await once(held, 'data')
  held.destroy()
  await until(() => lines(gateway).length === 1)
  const [{ status, tlsVersion, cipher }] = lines(gateway) as [Record<string, unknown>]
  assert.deepEqual({ status, tlsVersion, cipher }, { status: 499, tlsVersion: 'TLSv1.3', cipher: standardName })
})

test('a trusted caller’s sampled trace is passed on, and recorded by nobody where spans are not exported', async (t) => {
  const gateway = await startGateway(t, { TRUST_PROXY: '127.0.0.1' }, exchangeUpstream([]))
  const headers = { 'content-type': 'application/json', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  assert.equal((await ask(gateway, { method: 'POST', path: '/predict', headers, body: '{}' })).status, 201)
  await until(() => lines(gateway).length === 1)
  assert.equal(lines(gateway)[0]!.traceId, 'a'.repeat(32))
  await until(() => gateway.connections.open === 0)
})

test('an answer that goes out while the port is closing ends its connection', async (t) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  const seen: number[] = []
  const gateway = await startGateway(t, {}, exchangeUpstream(seen, () => opened))
  const answer = ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json', connection: 'keep-alive' }, body: '{}' })
  await until(() => gateway.upstreams.backends.some(({ inFlight }) => inFlight === 1))
  const closed = gateway.app.close()
  open()
  assert.equal((await answer).headers.connection, 'close')
  await closed
})

test('a request that has to go by itself after all is counted once, and logged once', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '5' }, (request, response) => {
    if (request.headers['content-type'] === 'application/x-exchange') request.resume().on('end', () => response.writeHead(415).end())
    else void bodyOf(request).then((body) => response.end(`alone ${String(body)}`))
  })
  const { body, headers } = await ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
  assert.equal(body, 'alone {"a":1}')
  assert.deepEqual([headers['ratelimit-limit'], headers['ratelimit-remaining']], ['5', '4'])
  await until(() => lines(gateway).length > 0)
  assert.deepEqual(lines(gateway).map(({ status, requestId, bytesIn }) => [status, requestId, bytesIn]), [[200, headers['x-request-id'], 7]])
  const next = await ask(gateway, { headers: {} })
  assert.equal(next.headers['ratelimit-remaining'], '3')
})
