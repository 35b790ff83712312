import 'reflect-metadata'
import { createHash, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension, Name, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator
} from '@peculiar/x509'
import { signingAlgorithm, spki, toSigningKey } from './keys.ts'
import type { Profile } from './profiles.ts'

const DAY = 86_400_000

/** Certificates are valid from an hour ago: virtual machines and phones are often a little behind. */
export const BACKDATE = 3_600_000

/** Who signs: an authority's private key and its certificate (DER or PEM). */
export interface Issuer {
  key: KeyObject
  certificate: string | Buffer
}

/** @returns eight hexadecimal digits that stay the same as long as the key does */
export function shortId (key: KeyObject): string {
  return createHash('sha256').update(spki(key)).digest('hex').slice(0, 8)
}

/**
 * Makes and signs a certificate.
 *
 * @param key the key of the subject: its public one is enough when there is an issuer
 * @param issuer who signs; without one the certificate is self-signed
 * @param now the certificate is valid from an hour before that moment
 * @returns PEM
 */
export async function issue (profile: Profile, key: KeyObject, now: Date, issuer?: Issuer): Promise<string> {
  const parent = issuer && new X509Certificate(issuer.certificate)
  const subject = new Name([{ CN: [profile.commonName] }])
  const notBefore = wholeSeconds(now.getTime() - BACKDATE)
  const ends = notBefore.getTime() + profile.days * DAY
  const signer = issuer?.key ?? key
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: parent?.subjectName ?? subject,
    notBefore,
    notAfter: parent ? new Date(Math.min(ends, parent.notAfter.getTime())) : new Date(ends),
    publicKey: spki(key),
    signingKey: await toSigningKey(signer),
    signingAlgorithm: signingAlgorithm(signer),
    extensions: [
      ...profile.extensions,
      await SubjectKeyIdentifierExtension.create(spki(key)),
      ...parent ? [await authorityKeyIdentifier(parent)] : []
    ]
  })
  return `${certificate.toString('pem')}\n`
}

/**
 * Chains are built by this identifier, so it is taken from the issuer's certificate (RFC 5280, 4.2.1.1). An authority made
 * elsewhere may have none; then it is the key's SHA-1, which is what everybody computes.
 */
export async function authorityKeyIdentifier (issuer: X509Certificate): Promise<AuthorityKeyIdentifierExtension> {
  const own = issuer.getExtension(SubjectKeyIdentifierExtension) ?? await SubjectKeyIdentifierExtension.create(issuer.publicKey)
  return new AuthorityKeyIdentifierExtension(own.keyId)
}

/** A certificate knows no milliseconds (RFC 5280, section 4.1.2.5). */
export function wholeSeconds (milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000)
}

/** 16 octets, of which 126 bits are random; the first octet keeps the number positive and its length fixed. */
function newSerial (): string {
  const serial = randomBytes(16)
  serial[0] = 0x40 | (serial[0]! & 0x3f)
  return serial.toString('hex')
}
