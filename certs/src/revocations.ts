import 'reflect-metadata'
import { join } from 'node:path'
import { Extension, X509Certificate, X509Crl, X509CrlGenerator, X509CrlReason } from '@peculiar/x509'
import type { X509CrlEntryParams } from '@peculiar/x509'
import { fromBER, Integer } from 'asn1js'
import type { Authority, SigningAuthority } from './authority.ts'
import { CertsError } from './errors.ts'
import { authorityKeyIdentifier, BACKDATE, wholeSeconds } from './issue.ts'
import { signingAlgorithm, toSigningKey } from './keys.ts'
import { shown } from './layout.ts'
import { pem } from './pem.ts'
import { readIfThere, writeWhole } from './store.ts'

const CRL_NUMBER = '2.5.29.20'
const DAY = 86_400_000

/** Days until a list has to be renewed (`certs crl`); whoever checks it refuses everybody afterwards. */
export const listLifetime = { days: 30, most: 3650 } as const

/** Why a certificate is revoked (RFC 5280, section 5.3.1), as far as it makes sense for one that stays so. */
export const reasons = new Map([
  ['unspecified', undefined], // RFC 5280: "should not be used"; the entry then has no reason
  ['keyCompromise', X509CrlReason.keyCompromise],
  ['affiliationChanged', X509CrlReason.affiliationChanged],
  ['superseded', X509CrlReason.superseded],
  ['cessationOfOperation', X509CrlReason.cessationOfOperation],
  ['privilegeWithdrawn', X509CrlReason.privilegeWithdrawn]
])

/** A store's `ca.crl`: the only record of what is revoked, so that it can't contradict another. */
export interface Revocations {
  number: bigint
  nextUpdate?: Date
  entries: readonly X509CrlEntryParams[]
  /** when each was revoked, by its serial as {@link plainSerial} writes it */
  revoked: Map<string, Date>
}

export const nothingRevoked: Revocations = { number: 0n, entries: [], revoked: new Map() }

/**
 * @returns undefined when there is no list
 * @throws CertsError when it is unreadable, or not signed by this authority: its revocations would be void
 */
export async function readRevocations (authority: Authority): Promise<Revocations | undefined> {
  const path = join(authority.directory, 'ca.crl')
  const text = readIfThere(path)
  if (text === undefined) return undefined
  const list = parseList(text)
  if (!list) throw new CertsError(`${shown(path)} is no readable revocation list.`)
  if (!await isSignedBy(list, authority)) {
    throw new CertsError(`${shown(path)} was not signed by ca.crt; certs crl --force replaces it by an empty one.`)
  }
  return {
    number: crlNumber(list),
    nextUpdate: list.nextUpdate,
    entries: list.entries,
    revoked: new Map(list.entries.map(({ serialNumber, revocationDate }) => [plainSerial(serialNumber), revocationDate]))
  }
}

/**
 * Signs a list with the next number and stores it, valid from an hour ago as certificates are.
 *
 * @param days until the next one is due
 */
export async function writeRevocations (
  authority: SigningAuthority, { number, entries }: Pick<Revocations, 'number' | 'entries'>, days: number, now: Date
): Promise<{ number: bigint, nextUpdate: Date }> {
  const issuer = new X509Certificate(authority.certificate.raw)
  const next = { number: number + 1n, nextUpdate: wholeSeconds(now.getTime() + days * DAY) }
  const list = await X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: wholeSeconds(now.getTime() - BACKDATE),
    nextUpdate: next.nextUpdate,
    entries: [...entries],
    extensions: [
      await authorityKeyIdentifier(issuer),
      new Extension(CRL_NUMBER, false, Integer.fromBigInt(next.number).toBER())
    ],
    signingKey: await toSigningKey(authority.key),
    signingAlgorithm: signingAlgorithm(authority.key)
  })
  // The library's own label is "CRL", which OpenSSL does not read.
  writeWhole(join(authority.directory, 'ca.crl'), pem('X509 CRL', Buffer.from(list.rawData)))
  return next
}

/** @returns lower-case hexadecimal digits without leading zeros: one text a number, however it was written */
export function plainSerial (serial: string): string {
  return BigInt(`0x${serial.replaceAll(/^0x|[: ]/gi, '')}`).toString(16)
}

function parseList (text: string): X509Crl | undefined {
  try {
    return new X509Crl(text)
  } catch {
    return undefined
  }
}

async function isSignedBy (list: X509Crl, { certificate }: Authority): Promise<boolean> {
  const issuer = new X509Certificate(certificate.raw)
  if (!Buffer.from(list.issuerName.toArrayBuffer()).equals(Buffer.from(issuer.subjectName.toArrayBuffer()))) return false
  try {
    return await list.verify({ publicKey: issuer.publicKey })
  } catch {
    return false
  }
}

/** Lists of the first version have no number. */
function crlNumber (list: X509Crl): bigint {
  const extension = list.extensions.find(({ type }) => type === CRL_NUMBER)
  const number = extension && fromBER(extension.value).result
  return number instanceof Integer ? number.toBigInt() : 0n
}
