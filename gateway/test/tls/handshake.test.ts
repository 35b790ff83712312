import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { startGateway } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

async function handshake (t: TestContext, gateway: TestGateway, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', ...options })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** One request, so that TLS 1.3's session tickets have come; resolves with the session to resume. */
async function sessionOf (socket: TLSSocket): Promise<Buffer> {
  let session = socket.getSession()
  socket.on('session', (ticket) => { session = ticket })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  return session!
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version} is spoken, with forward secrecy, and resumed`, async (t) => {
    const gateway = await startGateway(t)
    const only = { minVersion: version, maxVersion: version }
    const socket = await handshake(t, gateway, only)
    assert.equal(socket.getProtocol(), version)
    assert.match(socket.getCipher().standardName, /^TLS_(ECDHE_ECDSA_WITH_)?(AES|CHACHA)/)
    assert.ok(!socket.isSessionReused())
    const resumed = await handshake(t, gateway, { ...only, session: await sessionOf(socket) })
    assert.ok(resumed.isSessionReused())
  })
}

test('older versions are refused', async (t) => {
  const gateway = await startGateway(t)
  // OpenSSL's own security level would refuse before the gateway could.
  await assert.rejects(handshake(t, gateway, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), /alert/)
  const strict = await startGateway(t, { TLS_MIN_VERSION: 'TLSv1.3' })
  await assert.rejects(handshake(t, strict, { maxVersion: 'TLSv1.2' }), /alert/)
})

test('suites without forward secrecy or authenticated encryption are refused', async (t) => {
  const gateway = await startGateway(t)
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'AES128-GCM-SHA256', 'AES128-SHA']) {
    await assert.rejects(handshake(t, gateway, { maxVersion: 'TLSv1.2', ciphers }), /alert/, ciphers)
  }
})

test('ALPN chooses HTTP/2 when both sides have it, HTTP/1.1 otherwise', async (t) => {
  const [both, old] = [await startGateway(t, { HTTP2: 'on' }), await startGateway(t, { HTTP2: 'off' })]
  const chosen = async (gateway: TestGateway, ...ALPNProtocols: string[]) => (await handshake(t, gateway, { ALPNProtocols })).alpnProtocol
  assert.equal(await chosen(both, 'h2', 'http/1.1'), 'h2')
  assert.equal(await chosen(both, 'http/1.1', 'h2'), 'h2')
  assert.equal(await chosen(both, 'http/1.1'), 'http/1.1')
  assert.equal(await chosen(old, 'h2', 'http/1.1'), 'http/1.1')
  assert.equal((await handshake(t, both)).alpnProtocol, false)
})
