import 'reflect-metadata'
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate
} from '@peculiar/x509'
import { certificateIn, certs, DAY, keyIn, newFolder, newStore, snapshot } from './helper.ts'

test('a client certificate is for TLS clients, in its owner\'s name, and for nothing else', async (t) => {
  const directory = await newStore(t)
  const made = await certs(['client', 'José Müller', '--email', 'jose@example.com', '--dns', 'laptop.example.com', '--dir', directory])
  assert.deepEqual([made.refusal, made.warnings], [undefined, []])
  const certificate = new X509Certificate(certificateIn(directory, 'clients/José Müller').raw)
  const authority = new X509Certificate(certificateIn(directory, 'ca').raw)
  assert.equal(certificate.subject, 'CN=José Müller')
  assert.equal(certificate.issuer, authority.subject)
  assert.deepEqual(Array.from(certificate.extensions, ({ type, critical }) => [type, critical]), [
    ['2.5.29.19', true], ['2.5.29.15', true], ['2.5.29.37', false], ['2.5.29.17', false], ['2.5.29.14', false], ['2.5.29.35', false]
  ])
  assert.equal(certificate.getExtension(BasicConstraintsExtension)?.ca, false)
  assert.equal(certificate.getExtension(KeyUsagesExtension)?.usages, KeyUsageFlags.digitalSignature)
  assert.deepEqual([...certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? []], ['1.3.6.1.5.5.7.3.2'])
  assert.deepEqual(certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON(), [
    { type: 'email', value: 'jose@example.com' }, { type: 'dns', value: 'laptop.example.com' }
  ])
  const authorityKey = authority.getExtension(SubjectKeyIdentifierExtension)?.keyId
  assert.equal(certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId, authorityKey)
  assert.match(certificate.serialNumber, /^[4-7][0-9a-f]{31}$/)
  assert.equal(certificate.notAfter.getTime() - certificate.notBefore.getTime(), 365 * DAY)
})

test('without other names there is no empty extension for them', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  assert.equal(certificateIn(directory, 'clients/alice').subjectAltName, undefined)
})

test('key and certificate belong together and are their owner\'s alone; the output tells where they are', async (t) => {
  const directory = await newStore(t)
  const { lines } = await certs(['client', 'alice', '--rsa', '2048', '--days', '5', '--dir', directory])
  const certificate = certificateIn(directory, 'clients/alice')
  assert.ok(certificate.checkPrivateKey(keyIn(directory, 'clients/alice')))
  assert.equal(keyIn(directory, 'clients/alice').asymmetricKeyDetails?.modulusLength, 2048)
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 5 * DAY)
  assert.ok(lines[0]?.includes(`serial ${certificate.serialNumber.toLowerCase()}`))
  assert.match(lines[0] ?? '', /^Made .*clients\/alice\.crt and .*clients\/alice\.key, serial \w+, valid until \d{4}-\d\d-\d\d\.$/)
  if (process.platform === 'win32') return
  for (const file of ['clients/alice.crt', 'clients/alice.key']) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600)
  assert.equal(statSync(join(directory, 'clients')).mode & 0o777, 0o700)
})

test('a certificate never outlives the authority', async (t) => {
  const directory = newFolder(t)
  const env = { CERTS_PASSPHRASE: 'correct horse' }
  await certs(['ca', '--days', '40', '--dir', directory], { env })
  const { lines } = await certs(['client', 'alice', '--dir', directory], { env })
  assert.equal(certificateIn(directory, 'clients/alice').validTo, certificateIn(directory, 'ca').validTo)
  assert.match(lines[0] ?? '', /, as long as the authority\.$/)
})

test('nothing is overwritten without --force; with it the former certificate is told, and kept in the record', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const [before, former] = [snapshot(directory), certificateIn(directory, 'clients/alice')]
  assert.match((await certs(['client', 'alice', '--dir', directory])).refusal ?? '', /clients\/alice\.crt is there already; --force replaces it\.$/)
  assert.deepEqual(snapshot(directory), before)
  const { lines } = await certs(['client', 'alice', '--force', '--dir', directory])
  assert.ok(lines[1]?.endsWith(`to end that: certs revoke ${former.serialNumber.toLowerCase()}`))
  assert.ok(!certificateIn(directory, 'clients/alice').publicKey.equals(former.publicKey))
  assert.ok(existsSync(join(directory, 'issued', `alice.${former.serialNumber.toLowerCase()}.crt`)))
})

test('a key that an interrupted run left is used, unless another kind was asked for', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const key = readFileSync(join(directory, 'clients/alice.key'), 'utf8')
  rmSync(join(directory, 'clients/alice.crt'))
  assert.match((await certs(['client', 'alice', '--rsa', '2048', '--dir', directory])).refusal ?? '', /alice\.key is there already \(P-256\)/)
  const { lines } = await certs(['client', 'alice', '--dir', directory])
  assert.ok(lines.includes('The key that was there is used on.'))
  assert.equal(readFileSync(join(directory, 'clients/alice.key'), 'utf8'), key)
  assert.ok(certificateIn(directory, 'clients/alice').checkPrivateKey(keyIn(directory, 'clients/alice')))
})

test('a request that waits for its certificate is not passed over', async (t) => {
  const directory = await newStore(t)
  await certs(['csr', 'alice', '--dir', directory])
  assert.match((await certs(['client', 'alice', '--dir', directory])).refusal ?? '', /alice\.csr is there already/)
})

test('the first certificate brings an empty revocation list; a list that was lost is not replaced silently', async (t) => {
  const directory = await newStore(t)
  assert.match((await certs(['client', 'alice', '--dir', directory])).lines.join('\n'), /^Made .*ca\.crl, the list of what is revoked: nothing yet\.$/m)
  rmSync(join(directory, 'ca.crl'))
  const { warnings } = await certs(['client', 'bob', '--dir', directory])
  assert.match(warnings.join('\n'), /^There is no ca\.crl/)
  assert.ok(!existsSync(join(directory, 'ca.crl')))
})
