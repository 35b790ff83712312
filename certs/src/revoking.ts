import { join } from 'node:path'
import type { X509CrlReason } from '@peculiar/x509'
import { checkUnchanged } from './authority.ts'
import type { SigningAuthority } from './authority.ts'
import { CertsError } from './errors.ts'
import type { Io } from './io.ts'
import { withStore } from './issuing.ts'
import { shown } from './layout.ts'
import { printable } from './names.ts'
import { issuedCertificates } from './records.ts'
import { nothingRevoked, plainSerial, readRevocations, writeRevocations } from './revocations.ts'
import type { Revocations } from './revocations.ts'

/** The list as it is now. */
export interface CurrentList {
  number: bigint
  nextUpdate?: Date
  /** there was none, although certificates had been made */
  wasLost: boolean
}

interface Target {
  name: string
  serial: string
}

/** @property before those of the name that had been revoked before */
export interface Revoked extends CurrentList {
  revoked: Target[]
  before: Target[]
}

/** @property days until the list is due; @property force takes a serial that nothing here has */
export interface RevokeOptions {
  reason?: X509CrlReason
  days: number
  force: boolean
}

/** As `certs list`, openssl or a browser write it; RFC 5280 allows 20 octets. */
const SERIAL = /^(0x)?[0-9a-f][0-9a-f: ]{0,80}$/i

/**
 * Revokes by name all that is not expired: the former certificates of a name are as good as the current one. One rename of
 * the list does it, so there is nothing that an interruption could leave half done.
 *
 * @throws CertsError when nothing here is called that, or all of it has expired
 */
export async function revoke (authority: SigningAuthority, what: string, options: RevokeOptions, now: Date): Promise<Revoked> {
  return withStore(authority.directory, [], async () => {
    checkUnchanged(authority)
    const list = await readRevocations(authority)
    const { revoked, entries, number, nextUpdate } = list ?? nothingRevoked
    const targets = targetsOf(authority, what, options.force, now)
    const fresh = targets.filter(({ serial }) => !revoked.has(serial))
    const before = targets.filter(({ serial }) => revoked.has(serial))
    if (fresh.length === 0) return { number, nextUpdate, revoked: fresh, before, wasLost: false }
    const added = fresh.map(({ serial }) => ({ serialNumber: evenDigits(serial), revocationDate: now, reason: options.reason }))
    const next = await writeRevocations(authority, { number, entries: [...entries, ...added] }, options.days, now)
    return { ...next, revoked: fresh, before, wasLost: list === undefined }
  })
}

/** Signs the list again. @param force takes an empty list for one that is not this authority's or not readable */
export async function renewList (authority: SigningAuthority, days: number, force: boolean, now: Date): Promise<CurrentList> {
  return withStore(authority.directory, [], async () => {
    checkUnchanged(authority)
    const list = await readRevocations(authority).catch((error: unknown): Revocations => {
      if (force && error instanceof CertsError) return nothingRevoked
      throw error
    })
    const wasLost = !list && issuedCertificates(authority).some(({ name, current }) => name !== 'server' || !current)
    return { ...await writeRevocations(authority, list ?? nothingRevoked, days, now), wasLost }
  })
}

/** Says which list is in force. */
export function announceList (io: Io, { directory }: SigningAuthority, { number, nextUpdate, wasLost }: CurrentList): void {
  const due = nextUpdate ? `; it is due again on ${nextUpdate.toISOString().slice(0, 10)}` : ''
  io.print(`${shown(join(directory, 'ca.crl'))} is number ${number}${due}.`)
  if (wasLost) io.warn('There was no ca.crl: what had been revoked before is not in the new one.')
}

function targetsOf (authority: SigningAuthority, what: string, force: boolean, now: Date): Target[] {
  const issued = issuedCertificates(authority)
  const named = issued.filter(({ name }) => name === what.normalize('NFC'))
  const current = named.filter(({ certificate }) => Date.parse(certificate.validTo) > now.getTime())
  if (current.length > 0) return current
  if (named.length > 0) throw new CertsError(`All certificates of '${what}' have expired, so there is nothing to revoke.`)
  if (SERIAL.test(what)) {
    const serial = plainSerial(what)
    const found = issued.find((certificate) => certificate.serial === serial)
    if (found) return [found]
    if (force && serial !== '0') return [{ name: 'a certificate that is not here', serial }]
    throw new CertsError(`Nothing here has the name or serial '${what}'; --force revokes the serial all the same.`)
  }
  throw new CertsError(`Nothing here has the name or serial '${printable(what)}'; certs list shows those that are.`)
}

/** Whole octets, as the list holds them. */
function evenDigits (serial: string): string {
  return serial.padStart(serial.length + serial.length % 2, '0')
}
