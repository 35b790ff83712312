import type { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Authority } from './authority.ts'
import type { Io } from './io.ts'
import type { Delivery } from './issuing.ts'
import { shown } from './layout.ts'
import type { Place } from './layout.ts'
import { serialOf } from './records.ts'

/** Says what was made, and what its maker should know of it. */
export function announce (io: Io, verb: string, place: Place, authority: Authority, delivery: Delivery, withKey: boolean): void {
  const { certificate, former, keyKept, list } = delivery
  const files = withKey ? `${shown(place.certificate)} and ${shown(place.key)}` : shown(place.certificate)
  const limited = certificate.validTo === authority.certificate.validTo ? ', as long as the authority' : ''
  io.print(`${verb} ${files}, serial ${serialOf(certificate)}, valid until ${day(certificate)}${limited}.`)
  if (withKey && keyKept) io.print('The key that was there is used on.')
  if (former && Date.parse(former.validTo) > Date.now()) {
    io.print(`The former certificate is valid until ${day(former)}; to end that: certs revoke ${serialOf(former)}`)
  }
  if (list === 'made') io.print(`Made ${shown(join(authority.directory, 'ca.crl'))}, the list of what is revoked: nothing yet.`)
  if (list === 'lost') io.warn('There is no ca.crl, so nothing counts as revoked; certs crl makes a new, empty one.')
}

/** The last day of a certificate's validity, as 2026-03-01. */
export function day (certificate: X509Certificate): string {
  return new Date(certificate.validTo).toISOString().slice(0, 10)
}
