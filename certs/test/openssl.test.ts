import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { hasTool, newFolder } from './helper.ts'

function openssl (directory: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

async function prepare (t: TestContext): Promise<string> {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName: 'laptop' })
  return directory
}

const strictly = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.crt']

test('openssl verifies the chain, strictly, for each name', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await prepare(t)
  const names = ['localhost', 'laptop'].map((name) => ['-verify_hostname', name])
  const addresses = ['127.0.0.1', '::1'].map((address) => ['-verify_ip', address])
  for (const name of [...names, ...addresses]) {
    assert.deepEqual(openssl(directory, ...strictly, ...name, 'server.crt'), { status: 0, output: 'server.crt: OK\n' })
  }
})

test('openssl refuses another name, another purpose and another authority', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await prepare(t)
  const other = join(await prepare(t), 'ca.crt')
  assert.match(openssl(directory, ...strictly, '-verify_hostname', 'example.com', 'server.crt').output, /hostname mismatch/i)
  assert.match(openssl(directory, ...strictly, '-verify_ip', '127.0.0.2', 'server.crt').output, /IP address mismatch/i)
  assert.match(openssl(directory, 'verify', '-purpose', 'sslclient', '-CAfile', 'ca.crt', 'server.crt').output, /certificate purpose/)
  assert.notEqual(openssl(directory, 'verify', '-CAfile', other, 'server.crt').status, 0)
})

test('openssl reads in the certificates what was meant', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await prepare(t)
  const text = (file: string) => openssl(directory, 'x509', '-in', file, '-noout', '-text').output.replaceAll(/\s+/g, ' ')
  const ca = text('ca.crt')
  assert.match(ca, /Basic Constraints: critical CA:TRUE, pathlen:0/)
  assert.match(ca, /Key Usage: critical Certificate Sign, CRL Sign/)
  const server = text('server.crt')
  assert.match(server, /Signature Algorithm: ecdsa-with-SHA256 .*Subject: CN ?= ?localhost .*ASN1 OID: prime256v1/)
  assert.match(server, /Basic Constraints: critical CA:FALSE/)
  assert.match(server, /X509v3 Key Usage: critical Digital Signature X509v3/)
  assert.match(server, /Extended Key Usage: TLS Web Server Authentication X509v3/)
  assert.match(server, /DNS:localhost, DNS:laptop, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1 X509v3/)
})

test('openssl reads the keys, and finds them to be those of the certificates', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await prepare(t)
  for (const name of ['ca', 'server']) {
    const ofKey = openssl(directory, 'pkey', '-in', `${name}.key`, '-pubout')
    assert.equal(ofKey.status, 0)
    assert.equal(openssl(directory, 'x509', '-in', `${name}.crt`, '-noout', '-pubkey').output, ofKey.output)
  }
})
