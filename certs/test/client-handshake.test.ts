import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import { certs, newStore } from './helper.ts'

/** A server that takes clients of the authority which its list does not name, and tells what it thought of each. */
async function listening (t: TestContext, directory: string) {
  const file = (name: string) => readFileSync(join(directory, name))
  const server = createServer({
    key: file('server.key'), cert: file('server.crt'), ca: file('ca.crt'), crl: file('ca.crl'), requestCert: true, rejectUnauthorized: false
  }, (socket) => socket.on('error', () => {}).end(socket.authorized ? 'authorized' : String(socket.authorizationError)))
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return async (name: string) => {
    const { port } = server.address() as AddressInfo
    const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: file('ca.crt'), key: file(`${name}.key`), cert: file(`${name}.crt`) })
    const [answer] = await once(client, 'data')
    return String(answer)
  }
}

for (const kind of [[], ['--rsa', '2048']]) {
  test(`Node.js lets a client in${kind.join(' ')}, and no revoked one, and no server as client`, async (t) => {
    const directory = await newStore(t)
    for (const name of ['alice', 'bob']) await certs(['client', name, ...kind, '--dir', directory])
    await certs(['revoke', 'bob', '--dir', directory])
    const answer = await listening(t, directory)
    assert.equal(await answer('clients/alice'), 'authorized')
    assert.match(await answer('clients/bob'), /CERT_REVOKED|certificate revoked/)
    assert.match(await answer('server'), /INVALID_PURPOSE|unsupported certificate purpose|unsuitable certificate purpose/)
  })
}
