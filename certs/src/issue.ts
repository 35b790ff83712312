import 'reflect-metadata'
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension, Name, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator
} from '@peculiar/x509'
import type { Profile } from './profiles.ts'

const DAY = 86_400_000

/** Certificates are valid from an hour ago: virtual machines and phones are often a little behind. */
const BACKDATE = 3_600_000

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** Who signs: an authority's private key and its certificate (DER or PEM). */
export interface Issuer {
  key: KeyObject
  certificate: string | Buffer
}

/** @returns a new private key, ECDSA P-256 */
export function newKey (): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** @returns the key as PKCS#8 PEM, not encrypted */
export function toPem (key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @returns eight hexadecimal digits that stay the same as long as the key does */
export function shortId (key: KeyObject): string {
  return createHash('sha256').update(spki(key)).digest('hex').slice(0, 8)
}

/**
 * Makes and signs a certificate.
 *
 * @param key the private key of the subject, ECDSA P-256
 * @param issuer who signs; without one the certificate is self-signed
 * @param now the certificate is valid from an hour before that moment
 * @returns PEM
 */
export async function issue (profile: Profile, key: KeyObject, now: Date, issuer?: Issuer): Promise<string> {
  const parent = issuer && new X509Certificate(issuer.certificate)
  const subject = new Name([{ CN: [profile.commonName] }])
  const notBefore = wholeSeconds(now.getTime() - BACKDATE)
  const ends = notBefore.getTime() + profile.days * DAY
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: parent?.subjectName ?? subject,
    notBefore,
    notAfter: parent ? new Date(Math.min(ends, parent.notAfter.getTime())) : new Date(ends),
    publicKey: spki(key),
    signingKey: await toSigningKey(issuer?.key ?? key),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      ...profile.extensions,
      await SubjectKeyIdentifierExtension.create(spki(key)),
      ...parent ? [new AuthorityKeyIdentifierExtension(keyIdentifier(parent))] : []
    ]
  })
  return `${certificate.toString('pem')}\n`
}

/** 16 octets, of which 126 bits are random; the first octet keeps the number positive and its length fixed. */
function newSerial (): string {
  const serial = randomBytes(16)
  serial[0] = 0x40 | (serial[0]! & 0x3f)
  return serial.toString('hex')
}

/** Chains are built by this identifier, so it is taken from the issuer's certificate, not computed (RFC 5280, 4.2.1.1). */
function keyIdentifier (issuer: X509Certificate): string {
  const extension = issuer.getExtension(SubjectKeyIdentifierExtension)
  if (!extension) throw new Error('the issuer has no subject key identifier')
  return extension.keyId
}

function spki (key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

async function toSigningKey (key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), P256, false, ['sign'])
}

/** A certificate knows no milliseconds (RFC 5280, section 4.1.2.5). */
function wholeSeconds (milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000)
}
