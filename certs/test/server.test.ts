import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificateIn, certs, DAY, keyIn, newStore, snapshot } from './helper.ts'

test('a server certificate is for these names and addresses', async (t) => {
  const directory = await newStore(t)
  const hosts = ['example.com', '*.example.com', '10.0.0.1', '::1'].flatMap((host) => ['--host', host])
  const { refusal } = await certs(['server', ...hosts, '--name', 'web', '--dir', directory])
  assert.equal(refusal, undefined)
  const certificate = certificateIn(directory, 'servers/web')
  assert.ok(certificate.checkPrivateKey(keyIn(directory, 'servers/web')) && certificate.verify(certificateIn(directory, 'ca').publicKey))
  assert.equal(certificate.subject, 'CN=example.com')
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  for (const host of ['example.com', 'www.example.com']) assert.ok(certificate.checkHost(host), host)
  assert.equal(certificate.checkHost('a.b.example.com'), undefined)
  for (const address of ['10.0.0.1', '::1']) assert.ok(certificate.checkIP(address), address)
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 397 * DAY)
})

test('without a name it is the one that the gateway takes, and dev\'s is not overwritten without --force', async (t) => {
  const directory = await newStore(t)
  const before = snapshot(directory)
  assert.match((await certs(['server', '--host', 'example.com', '--dir', directory])).refusal ?? '', /server\.crt is there already; --force replaces it\.$/)
  assert.deepEqual(snapshot(directory), before)
  assert.equal((await certs(['server', '--host', 'example.com', '--dir', directory, '--force'])).refusal, undefined)
  assert.ok(certificateIn(directory, 'server').checkHost('example.com'))
})

test('a name is one certificate: not a client\'s and a server\'s', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  assert.match((await certs(['server', '--host', 'a.example', '--name', 'alice', '--dir', directory])).refusal ?? '', /^The name 'alice' is a client's already/)
  assert.ok(!existsSync(join(directory, 'servers', 'alice.crt')))
})

test('bad options: one sentence, and nothing is made', async (t) => {
  const directory = await newStore(t)
  const before = snapshot(directory)
  for (const [args, sentence] of [
    [[], /^--host is missing/],
    [['--host', ''], /^--host must not be empty/],
    [['--host', 'a_b'], /^'a_b' is neither a DNS name/],
    [['--host', 'a.example', '--days', '826'], /^--days takes a whole number from 1 to 825, not '826'\.$/],
    [['--host', 'a.example', '--name', '../a'], /^'\.\.\/a' is no name/],
    [['--host', 'a.example', '--name', 'ca'], /^The name 'ca' is the store's own/],
    [['a.example'], /^Unexpected argument 'a\.example'/]
  ] as const) assert.match((await certs(['server', ...args, '--dir', directory])).refusal ?? '', sentence)
  assert.deepEqual(snapshot(directory), before)
})

test('a host name too long for a common name is in the certificate all the same', async (t) => {
  const directory = await newStore(t)
  const host = `${'a'.repeat(60)}.example.com`
  await certs(['server', '--host', host, '--name', 'long', '--dir', directory])
  assert.equal(certificateIn(directory, 'servers/long').subject, 'CN=server')
  assert.ok(certificateIn(directory, 'servers/long').checkHost(host))
})
