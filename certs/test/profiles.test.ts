import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate
} from '@peculiar/x509'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { DAY, newFolder } from './helper.ts'

const now = new Date('2026-03-01T12:00:00.700Z')

async function made (t: TestContext): Promise<{ ca: X509Certificate, server: X509Certificate }> {
  const { authority, server } = await ensureLocalCertificates({ directory: newFolder(t), hostName: 'laptop', now })
  return { ca: new X509Certificate(authority.certificate.raw), server: new X509Certificate(server.certificate.raw) }
}

test('the authority signs certificates and revocation lists, and no further authority', async (t) => {
  const { ca } = await made(t)
  assert.deepEqual(Array.from(ca.extensions, ({ type, critical }) => [type, critical]), [
    ['2.5.29.19', true], ['2.5.29.15', true], ['2.5.29.14', false]
  ])
  const constraints = ca.getExtension(BasicConstraintsExtension)
  assert.equal(constraints?.ca, true)
  assert.equal(constraints.pathLength, 0)
  assert.equal(ca.getExtension(KeyUsagesExtension)?.usages, KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)
  assert.ok(await ca.isSelfSigned())
})

test('the server certificate is for TLS servers of these names, and for nothing else', async (t) => {
  const { server } = await made(t)
  assert.deepEqual(Array.from(server.extensions, ({ type, critical }) => [type, critical]), [
    ['2.5.29.19', true], ['2.5.29.15', true], ['2.5.29.37', false], ['2.5.29.17', false], ['2.5.29.14', false], ['2.5.29.35', false]
  ])
  assert.equal(server.getExtension(BasicConstraintsExtension)?.ca, false)
  assert.equal(server.getExtension(KeyUsagesExtension)?.usages, KeyUsageFlags.digitalSignature)
  assert.deepEqual([...server.getExtension(ExtendedKeyUsageExtension)?.usages ?? []], ['1.3.6.1.5.5.7.3.1'])
  assert.deepEqual(server.getExtension(SubjectAlternativeNameExtension)?.names.toJSON(), [
    { type: 'dns', value: 'localhost' }, { type: 'dns', value: 'laptop' }, { type: 'ip', value: '127.0.0.1' }, { type: 'ip', value: '::1' }
  ])
})

test('the server certificate points to its authority by name and key', async (t) => {
  const { ca, server } = await made(t)
  assert.equal(server.issuer, ca.subject)
  assert.equal(ca.issuer, ca.subject)
  const authorityKey = ca.getExtension(SubjectKeyIdentifierExtension)?.keyId
  assert.match(authorityKey ?? '', /^[0-9a-f]{40}$/)
  assert.equal(server.getExtension(AuthorityKeyIdentifierExtension)?.keyId, authorityKey)
  assert.notEqual(server.getExtension(SubjectKeyIdentifierExtension)?.keyId, authorityKey)
})

test('keys are P-256, signed with SHA-256; serials are positive and 16 octets', async (t) => {
  for (const certificate of Object.values(await made(t))) {
    assert.deepEqual(certificate.publicKey.algorithm, { name: 'ECDSA', namedCurve: 'P-256' })
    assert.equal(certificate.signatureAlgorithm.hash.name, 'SHA-256')
    assert.match(certificate.serialNumber, /^[4-7][0-9a-f]{31}$/)
  }
})

test('lifetimes: from an hour ago, 397 days for the server, 10 years for the authority', async (t) => {
  const { ca, server } = await made(t)
  const start = Date.parse('2026-03-01T11:00:00Z')
  for (const { notBefore } of [ca, server]) assert.equal(notBefore.getTime(), start)
  assert.equal(server.notAfter.getTime() - start, 397 * DAY)
  assert.equal(ca.notAfter.getTime() - start, 3650 * DAY)
})
