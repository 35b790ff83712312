import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509'
import type { SigningAuthority } from './authority.ts'
import { CertsError } from './errors.ts'
import { deliver, withStore } from './issuing.ts'
import type { Delivery } from './issuing.ts'
import { newKey, parsePrivateKey, rsaSizes, sameKey, weakness } from './keys.ts'
import type { RsaSize } from './keys.ts'
import { placeOf, shown } from './layout.ts'
import type { Kind, Place } from './layout.ts'
import { wholeNumber } from './options.ts'
import { clientProfile, lifetimes, serverProfile } from './profiles.ts'
import type { Profile } from './profiles.ts'
import { issuedCertificates } from './records.ts'
import type { IssuedCertificate } from './records.ts'
import { readRevocations } from './revocations.ts'
import { readIfThere } from './store.ts'

/** @property days as typed; its bounds depend on the kind */
export interface RenewOptions {
  newKey: boolean
  rsa?: RsaSize
  days?: string
}

/**
 * Certifies a name anew, with the names of its newest certificate. That may be one of the record only: a run with a new key
 * that was interrupted leaves a key without a certificate, and this completes it.
 *
 * @throws CertsError when there is none, when it is revoked, or holds what certificates made here don't
 */
export async function renew (
  authority: SigningAuthority, name: string, options: RenewOptions, now: Date
): Promise<{ place: Place, delivery: Delivery, withKey: boolean }> {
  const { directory } = authority
  return withStore(directory, [], async () => {
    const former = newestOf(authority, name)
    const revoked = (await readRevocations(authority))?.revoked
    if (revoked?.has(former.serial)) {
      throw new CertsError(`The certificate of '${name}' is revoked and is not renewed; certs ${former.kind} with --force makes a new one with a new key.`)
    }
    const place = placeOf(directory, former.kind, name)
    const stored = readIfThere(place.key)
    const own = stored === undefined ? undefined : parsePrivateKey(stored, shown(place.key))
    const key = options.newKey ? anotherKey(place, own, options.rsa) : sameKeyAgain(place, own, former)
    const delivery = await deliver(authority, place, profileOf(former, options.days), key, options.newKey, now)
    return { place, delivery, withKey: own !== undefined }
  })
}

function newestOf (authority: SigningAuthority, name: string): IssuedCertificate & { kind: Kind } {
  const named = issuedCertificates(authority).filter((issued) => issued.name === name)
  const found = named.find(({ current }) => current) ?? named[0]
  if (!found) throw new CertsError(`Nothing here has the name '${name}'; certs list shows those that are.`)
  const { kind } = found
  if (kind === 'client' || kind === 'server') return { ...found, kind }
  throw new CertsError(`The certificate of '${name}' is of the kind ${kind}, which certs does not make.`)
}

function anotherKey (place: Place, own: KeyObject | undefined, rsa: RsaSize | undefined): KeyObject {
  if (!own) throw new CertsError(`The key of '${place.name}' is not here: who has it makes a new request (certs csr).`)
  return newKey(rsa ?? rsaSizes.find((size) => size === own.asymmetricKeyDetails?.modulusLength))
}

function sameKeyAgain (place: Place, own: KeyObject | undefined, { certificate, current }: IssuedCertificate): KeyObject {
  if (own && current && !sameKey(own, certificate.publicKey)) {
    throw new CertsError(`${shown(place.key)} does not belong to ${shown(place.certificate)}.`)
  }
  const key = own ? createPublicKey(own) : certificate.publicKey
  const weak = weakness(key)
  if (weak !== undefined) throw new CertsError(`The certificate of '${place.name}' is for ${weak} and is not renewed.`)
  return key
}

/** The certificate may have been made elsewhere: what would get lost on the way is refused. */
function profileOf (former: IssuedCertificate & { kind: Kind }, days: string | undefined): Profile {
  const certificate = new X509Certificate(former.certificate.raw)
  const [commonName, ...others] = certificate.subjectName.toJSON().flatMap((part) => Object.entries(part))
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? []
  const of = (type: string) => names.filter((name) => name.type === type).map(({ value }) => value)
  const kept = former.kind === 'server' ? [...of('dns'), ...of('ip')] : [...of('dns'), ...of('email')]
  if (commonName?.[0] !== 'CN' || others.length > 0 || kept.length < names.length || (former.kind === 'server' && kept.length === 0)) {
    throw new CertsError(`The certificate of '${former.name}' has names that certs does not make (${certificate.subject}): make a new one.`)
  }
  const validity = wholeNumber('days', days, 1, lifetimes[former.kind].most)
  const profile = former.kind === 'server'
    ? serverProfile({ dns: of('dns'), ip: of('ip') }, validity)
    : clientProfile(former.name, { dns: of('dns'), email: of('email') }, validity)
  return { ...profile, commonName: commonName[1][0]! }
}
