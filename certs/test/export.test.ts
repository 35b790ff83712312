import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { certificateIn, certs, newStore, snapshot } from './helper.ts'

const passphrase = 'battery stäple'
const env = { CERTS_BUNDLE_PASSPHRASE: passphrase }

test('a bundle has all that a TLS client needs: key, certificate, authority', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'José', '--rsa', '2048', '--dir', directory])
  const { refusal, lines } = await certs(['export', 'José', '--dir', directory], { env })
  assert.equal(refusal, undefined)
  assert.match(lines[0] ?? '', /^Made .*clients\/José\.p12: key and certificate of José, and the authority's certificate\.$/)
  const pfx = readFileSync(join(directory, 'clients/José.p12'))
  const file = (name: string) => readFileSync(join(directory, name))
  const server = createServer({ key: file('server.key'), cert: file('server.crt'), ca: file('ca.crt'), requestCert: true, rejectUnauthorized: true },
    (socket) => socket.end(String(socket.getPeerCertificate().subject.CN)))
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername: 'localhost', pfx, passphrase })
  const [name] = await once(client, 'data')
  assert.equal(String(name), 'José')
  assert.throws(() => connect({ port: 1, pfx, passphrase: 'another one' }), /mac verify failure/i)
})

test('a bundle is its owner\'s alone, goes where it is told to, and is not overwritten without --force', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const out = join(directory, '..', 'my bundle.pfx')
  assert.equal((await certs(['export', 'alice', '--out', out, '--dir', directory], { env })).refusal, undefined)
  if (process.platform !== 'win32') assert.equal(statSync(out).mode & 0o777, 0o600)
  const before = readFileSync(out)
  assert.match((await certs(['export', 'alice', '--out', out, '--dir', directory], { env })).refusal ?? '', /my bundle\.pfx is there already; --force/)
  assert.deepEqual(readFileSync(out), before)
  assert.equal((await certs(['export', 'alice', '--out', out, '--force', '--dir', directory], { env })).refusal, undefined)
  assert.notDeepEqual(readFileSync(out), before)
})

test('the authority\'s passphrase never gets into a bundle', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const { refusal } = await certs(['export', 'alice', '--dir', directory], { env: { CERTS_PASSPHRASE: 'correct horse' } })
  assert.match(refusal ?? '', /use --passphrase-file FILE or the variable CERTS_BUNDLE_PASSPHRASE\.$/)
})

test('what nobody could use is not exported: one sentence', async (t) => {
  const directory = await newStore(t)
  const refusal = async (...args: string[]) => (await certs(['export', ...args, '--dir', directory], { env })).refusal ?? ''
  assert.match(await refusal('nobody'), /^There is no certificate of the name 'nobody'/)
  assert.match(await refusal('../ca'), /is no name/)
  for (const name of ['alice', 'bob']) await certs(['client', name, '--dir', directory])
  await certs(['revoke', 'alice', '--dir', directory])
  assert.match(await refusal('alice'), /alice\.crt is revoked\.$/)
  assert.match(await refusal('bob', '--out', join(directory, 'none', 'bob.p12')), /^There is no folder .*none\.$/)
  const before = snapshot(directory)
  assert.match((await certs(['export', 'bob', '--dir', directory], { typed: ['battery staple\r', 'other\r'] })).refusal ?? '', /^The two passphrases differ/)
  assert.deepEqual(snapshot(directory), before)
  rmSync(join(directory, 'clients/bob.key'))
  assert.match(await refusal('bob'), /bob\.key is not here/)
  assert.ok(!existsSync(join(directory, 'clients/bob.p12')))
})

test('servers are exported too', async (t) => {
  const directory = await newStore(t)
  assert.equal((await certs(['export', 'server', '--dir', directory], { env })).refusal, undefined)
  assert.ok(existsSync(join(directory, 'server.p12')) && certificateIn(directory, 'server'))
})
