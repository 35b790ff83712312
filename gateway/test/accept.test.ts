import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { ask, connectTo, startGateway, until } from './helper.ts'
import type { TestGateway } from './helper.ts'

const trusted = { PROXY_PROTOCOL: 'on', TRUST_PROXY: '127.0.0.0/8' }

/** A TCP connection from a loopback address of choice. */
async function tcp (t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A request after a PROXY protocol header; resolves with all that comes back. */
async function throughBalancer (t: TestContext, gateway: TestGateway, header: string | Buffer, pieces = 1): Promise<string> {
  const raw = await tcp(t, gateway.port)
  raw.setNoDelay(true)
  const bytes = Buffer.from(header as string, 'latin1')
  const size = Math.ceil(bytes.length / pieces)
  for (let at = 0; at < bytes.length; at += size) await new Promise((resolve) => raw.write(bytes.subarray(at, at + size), resolve))
  const socket = connectTls({ socket: raw, ca: gateway.ca, servername: 'localhost' })
  socket.on('error', () => {})
  socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'))
  let text = ''
  socket.on('data', (chunk) => { text += chunk })
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

/** A TLS connection from a loopback address of choice. */
async function tls (t: TestContext, gateway: TestGateway, localAddress: string): Promise<void> {
  const socket = connectTls({ socket: await tcp(t, gateway.port, localAddress), ca: gateway.ca, servername: 'localhost' })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
}

for (const [version, header] of [
  ['1', 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'],
  ['2', '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x07\xc6\x33\x64\x01\x12\x34\x01\xbb']
] as const) {
  for (const pieces of [1, 5]) {
    test(`PROXY protocol ${version} in ${pieces} pieces: headers, log and limits see the named client`, async (t) => {
      const gateway = await startGateway(t, { ...trusted, RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '1' })
      const answer = await throughBalancer(t, gateway, header, pieces)
      assert.match(answer, /^HTTP\/1\.1 200/)
      assert.match(answer, /"x-forwarded-for":"192\.0\.2\.7"/)
      assert.equal(gateway.logged.find((line) => line.msg === 'request')?.client, '192.0.2.7')
      assert.match(await throughBalancer(t, gateway, header), /^HTTP\/1\.1 429/)
      assert.match(await throughBalancer(t, gateway, 'PROXY TCP4 192.0.2.8 198.51.100.1 1 443\r\n'), /^HTTP\/1\.1 200/)
    })
  }
}

test('from a trusted address the header is required', async (t) => {
  const gateway = await startGateway(t, trusted)
  await assert.rejects(ask(gateway))
  assert.equal(gateway.connections.open, 0)
  assert.equal(gateway.logged.find((line) => line.msg === 'connection refused')?.reason, 'proxy protocol')
})

test('from any other address the header is not believed', async (t) => {
  const gateway = await startGateway(t, { PROXY_PROTOCOL: 'on', TRUST_PROXY: '10.0.0.0/8' })
  assert.equal((await ask(gateway)).json.headers['x-forwarded-for'], '127.0.0.1')
  assert.equal(await throughBalancer(t, gateway, 'PROXY TCP4 192.0.2.7 198.51.100.1 1 443\r\n'), '')
})

test('a header that does not come is waited for no longer than a handshake', async (t) => {
  const gateway = await startGateway(t, { ...trusted, HANDSHAKE_TIMEOUT_MS: '100' })
  const socket = await tcp(t, gateway.port)
  socket.write('PROXY ')
  socket.resume()
  await once(socket, 'close')
})

test('the redirect port takes the header too', async (t) => {
  const gateway = await startGateway(t, trusted)
  const socket = await tcp(t, gateway.redirectPort)
  socket.write('PROXY TCP4 192.0.2.7 198.51.100.1 56324 80\r\nGET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let text = ''
  socket.on('data', (chunk) => { text += chunk })
  await once(socket, 'close')
  assert.match(text, /^HTTP\/1\.1 301/)
  assert.equal(gateway.logged.find((line) => line.msg === 'request')?.client, '192.0.2.7')
})

test('a client has no more connections than its share, half-open ones included; another client is served', async (t) => {
  const gateway = await startGateway(t, { MAX_CONNECTIONS_PER_CLIENT: '3' })
  const held = await Promise.all([tcp(t, gateway.port), tcp(t, gateway.port), tcp(t, gateway.redirectPort)])
  await assert.rejects(ask(gateway))
  await tls(t, gateway, '127.0.0.2')
  held[0]!.destroy()
  await until(() => gateway.connections.open === 3)
  assert.equal((await ask(gateway)).status, 200)
})

test('a trusted proxy may have more: its connections are many clients’', async (t) => {
  const gateway = await startGateway(t, { MAX_CONNECTIONS_PER_CLIENT: '2', TRUST_PROXY: '127.0.0.1' })
  await Promise.all([tcp(t, gateway.port), tcp(t, gateway.port), tcp(t, gateway.port)])
  assert.equal((await ask(gateway)).status, 200)
})

test('MAX_CONNECTIONS counts everybody', async (t) => {
  const gateway = await startGateway(t, { MAX_CONNECTIONS: '2' })
  await tcp(t, gateway.port, '127.0.0.1')
  await tcp(t, gateway.port, '127.0.0.2')
  await assert.rejects(tls(t, gateway, '127.0.0.3'))
})

test('every ending frees its place: close, reset, refused handshake, time-out, error, answer', async (t) => {
  const gateway = await startGateway(t, { HANDSHAKE_TIMEOUT_MS: '100' })
  const idle = await tcp(t, gateway.port)
  const reset = await tcp(t, gateway.port)
  const garbage = await tcp(t, gateway.port)
  const silent = await tcp(t, gateway.port)
  const answered = await connectTo(t, gateway)
  const halfway = await connectTo(t, gateway)
  idle.end()
  reset.resetAndDestroy()
  garbage.write('GET / HTTP/1.1\r\n\r\n')
  silent.resume()
  answered.write('NONSENSE\r\n\r\n')
  answered.resume()
  halfway.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12', () => halfway.destroy())
  await ask(gateway)
  await until(() => gateway.connections.open === 0)
  assert.equal(gateway.connections.clients, 0)
})
