import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { certificateIn, certs, hasTool, newFolder, newStore, openssl } from './helper.ts'

const env = { CERTS_PASSPHRASE: 'correct hörse', CERTS_BUNDLE_PASSPHRASE: 'battery stäple' }

async function store (t: TestContext, ...lines: string[][]): Promise<string> {
  const directory = lines[0]?.[0] === 'ca' ? newFolder(t) : await newStore(t)
  for (const line of lines) {
    assert.equal((await certs([...line, '--dir', directory], { env })).refusal, undefined, line.join(' '))
  }
  return directory
}

/** As a server with `crl_check` does it: certificate, purpose and revocation, strictly. */
function verify (directory: string, purpose: string, file: string) {
  copyFileSync(join(directory, 'ca.crt'), join(directory, 'all.pem'))
  appendFileSync(join(directory, 'all.pem'), readFileSync(join(directory, 'ca.crl')))
  return openssl(directory, 'verify', '-x509_strict', '-crl_check', '-purpose', purpose, '-CAfile', 'all.pem', file)
}

test('openssl pkcs8 opens the authority\'s key with the passphrase, and asn1parse finds how it is encrypted', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await store(t, ['ca'], ['client', 'alice'])
  assert.deepEqual(verify(directory, 'sslclient', 'clients/alice.crt'), { status: 0, output: 'clients/alice.crt: OK\n' })
  const opened = openssl(directory, 'pkcs8', '-in', 'ca.key', '-passin', `pass:${env.CERTS_PASSPHRASE}`)
  assert.match(opened.output, /^-----BEGIN PRIVATE KEY-----/)
  assert.notEqual(openssl(directory, 'pkcs8', '-in', 'ca.key', '-passin', 'pass:another').status, 0)
  const structure = openssl(directory, 'asn1parse', '-in', 'ca.key').output
  assert.match(structure, /:PBES2[^]*:PBKDF2[^]*INTEGER +:0927C0[^]*:hmacWithSHA256[^]*:aes-256-cbc/)
})

test('openssl verify takes clients as clients, servers as servers, until they are revoked', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await store(t,
    ['client', 'alice', '--email', 'alice@example.com'], ['client', 'bob', '--rsa', '2048'], ['server', '--host', '*.example.com', '--host', '::1', '--force'],
    ['csr', 'carol'])
  await certs(['sign', join(directory, 'clients/carol.csr'), '--dir', directory], { env })
  for (const name of ['alice', 'bob', 'carol']) {
    assert.deepEqual(verify(directory, 'sslclient', `clients/${name}.crt`), { status: 0, output: `clients/${name}.crt: OK\n` })
    assert.match(verify(directory, 'sslserver', `clients/${name}.crt`).output, /certificate purpose/)
  }
  assert.equal(verify(directory, 'sslserver', 'server.crt').status, 0)
  assert.match(verify(directory, 'sslclient', 'server.crt').output, /certificate purpose/)
  await certs(['revoke', 'bob', '--dir', directory], { env })
  assert.match(verify(directory, 'sslclient', 'clients/bob.crt').output, /certificate revoked/)
  assert.equal(verify(directory, 'sslclient', 'clients/alice.crt').status, 0)
})

test('openssl crl reads number, key identifier, reason and serial, and finds the signature good', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await store(t, ['client', 'alice'], ['client', 'bob'])
  for (const line of [['revoke', 'alice', '--reason', 'keyCompromise'], ['revoke', 'bob']]) await certs([...line, '--dir', directory], { env })
  const { status, output } = openssl(directory, 'crl', '-in', 'ca.crl', '-noout', '-text', '-CAfile', 'ca.crt')
  assert.equal(status, 0)
  assert.match(output, /verify OK/)
  assert.match(output, /Version 2 \(0x1\)[^]*Authority Key Identifier:[^]*CRL Number: *\n +3\n/)
  assert.match(output, new RegExp(`Serial Number: ${certificateIn(directory, 'clients/alice').serialNumber}[^]*Key Compromise`))
  assert.ok(output.includes(`Serial Number: ${certificateIn(directory, 'clients/bob').serialNumber}`))
  assert.equal(output.match(/CRL Reason Code/g)?.length, 1)
})

test('openssl req finds a request\'s own signature good', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await store(t, ['csr', 'web', '--host', 'web.example', '--host', '10.0.0.1'], ['csr', 'rsa', '--rsa', '2048'])
  const { status, output } = openssl(directory, 'req', '-in', 'servers/web.csr', '-noout', '-verify', '-text')
  assert.equal(status, 0)
  assert.match(output, /self-signature verify OK/)
  assert.match(output, /DNS:web\.example, IP Address:10\.0\.0\.1/)
  assert.equal(openssl(directory, 'req', '-in', 'clients/rsa.csr', '-noout', '-verify').status, 0)
})

test('openssl pkcs12 opens a bundle: AES-256, PBKDF2, HMAC-SHA256, the authority inside', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await store(t, ['client', 'alice'], ['export', 'alice'])
  const pass = `pass:${env.CERTS_BUNDLE_PASSPHRASE}`
  const { status, output } = openssl(directory, 'pkcs12', '-in', 'clients/alice.p12', '-info', '-nodes', '-passin', pass)
  assert.equal(status, 0, output)
  assert.match(output, /MAC: sha256, Iteration 600000/)
  assert.equal(output.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256/g)?.length, 2)
  assert.equal(output.match(/BEGIN CERTIFICATE/g)?.length, 2)
  assert.equal(output.match(/friendlyName: alice/g)?.length, 2)
  const key = /-----BEGIN PRIVATE KEY-----[^]*-----END PRIVATE KEY-----/.exec(output)?.[0]
  assert.equal(key, readFileSync(join(directory, 'clients/alice.key'), 'utf8').trim())
  assert.match(openssl(directory, 'pkcs12', '-in', 'clients/alice.p12', '-noout', '-passin', 'pass:another').output, /Mac verify error/)
})
