import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { startGateway, until } from '../../helper.ts'
import type { TestGateway } from '../../helper.ts'

/** Each way to fail, and the word for it. */
const failures: [what: string, reason: string, env: Record<string, string>, fail: (gateway: TestGateway) => Socket][] = [
  ['plain HTTP', 'plain_http', {}, ({ port }) => connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
  ['bytes that are no TLS', 'not_tls', {}, ({ port }) => connect(port, '127.0.0.1').end(Buffer.alloc(64, 0xff))],
  ['a client that does not trust the certificate', 'refused_by_client', {}, distrust],
  ['a record in the wrong place', 'broken', {}, ({ port }) => connect(port, '127.0.0.1').end(Buffer.from([23, 3, 3, 0, 1, 0]))],
  ['a version that is too old', 'protocol_version', { TLS_MIN_VERSION: 'TLSv1.3' }, (gateway) => tls(gateway, { maxVersion: 'TLSv1.2' })],
  ['no cipher in common', 'no_common_parameters', {}, (gateway) => tls(gateway, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })],
  ['a client that leaves', 'connection_lost', {}, ({ port }) => connect(port, '127.0.0.1', function (this: Socket) { this.destroy() })],
  ['a client that says nothing', 'timeout', { HANDSHAKE_TIMEOUT_MS: '50' }, ({ port }) => connect(port, '127.0.0.1')]
]

/** A record with a fatal alert (RFC 5246 §7.2): unknown_ca. */
const unknownCa = Buffer.from([21, 3, 3, 0, 2, 2, 48])

/** As browsers and curl do it; Node.js as a client would just leave. */
function distrust ({ port }: TestGateway): Socket {
  const socket = connect(port, '127.0.0.1')
  const hello = new Duplex({ read: () => {}, write: (chunk, _encoding, done) => { socket.write(chunk); done() } })
  connectTls({ socket: hello, servername: 'localhost', maxVersion: 'TLSv1.2' }).on('error', () => {})
  return socket.once('data', () => socket.end(unknownCa))
}

function tls ({ port, ca }: TestGateway, options: ConnectionOptions): Socket {
  return connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost', ...options })
}

for (const [what, reason, env, fail] of failures) {
  test(`${what} is counted as ${reason}`, async (t) => {
    const gateway = await startGateway(t, env)
    const { failed } = gateway.counts.handshakes
    const socket = fail(gateway).on('error', () => {})
    t.after(() => socket.destroy())
    const told = () => [...failed].filter(([, count]) => count > 0)
    await until(() => told().length > 0)
    assert.deepEqual(told(), [[reason, 1]])
  })
}
