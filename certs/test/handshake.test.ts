import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { newFolder } from './helper.ts'

/** A real TLS server with the certificate of the folder. @returns its port, or undefined when there is no such address */
async function listen (t: TestContext, directory: string, host: string): Promise<number | undefined> {
  const read = (file: string) => readFileSync(join(directory, file))
  const server = createServer({ cert: read('server.crt'), key: read('server.key') }, (socket) => socket.end('hello'))
  server.on('tlsClientError', () => {}) // clients that refuse the certificate
  t.after(() => server.close())
  try {
    await once(server.listen(0, host), 'listening')
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  return (server.address() as AddressInfo).port
}

/** @returns what the server said; rejects as the client does */
async function greet (options: ConnectionOptions): Promise<string> {
  const socket = connect(options)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => { text += chunk })
  await once(socket, 'close')
  assert.ok(socket.authorized)
  return text
}

async function prepare (t: TestContext) {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName: 'laptop.example' })
  return { directory, ca: readFileSync(join(directory, 'ca.crt')) }
}

for (const host of ['127.0.0.1', '::1']) {
  test(`a client that trusts the authority connects to ${host} with TLS 1.2 and 1.3`, async (t) => {
    const { directory, ca } = await prepare(t)
    const port = await listen(t, directory, host)
    if (port === undefined) return t.skip(`this machine has no ${host}`)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.equal(await greet({ host, port, ca, minVersion: version, maxVersion: version }), 'hello')
    }
  })
}

for (const name of ['localhost', 'laptop.example']) {
  test(`a client that trusts the authority connects to ${name}`, async (t) => {
    const { directory, ca } = await prepare(t)
    const port = await listen(t, directory, '127.0.0.1')
    assert.equal(await greet({ host: '127.0.0.1', servername: name, port, ca }), 'hello')
  })
}

test('a client that asks for another name refuses', async (t) => {
  const { directory, ca } = await prepare(t)
  const port = await listen(t, directory, '127.0.0.1')
  for (const servername of ['example.com', 'sub.localhost', 'laptop']) {
    await assert.rejects(greet({ host: '127.0.0.1', servername, port, ca }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  }
})

test('a client that trusts nobody, or another authority, refuses', async (t) => {
  const { directory } = await prepare(t)
  const { ca } = await prepare(t)
  const port = await listen(t, directory, '127.0.0.1')
  await assert.rejects(greet({ host: '127.0.0.1', port }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await assert.rejects(greet({ host: '127.0.0.1', port, ca }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

test('a client that trusted the authority before a renewal connects after it', async (t) => {
  const { directory, ca } = await prepare(t)
  const { server } = await ensureLocalCertificates({ directory, hostName: 'renamed' })
  assert.notEqual(server.made, undefined)
  const port = await listen(t, directory, '127.0.0.1')
  assert.equal(await greet({ host: '127.0.0.1', servername: 'renamed', port, ca }), 'hello')
})
