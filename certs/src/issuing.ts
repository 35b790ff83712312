import type { KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkUnchanged, parseCertificate } from './authority.ts'
import type { SigningAuthority } from './authority.ts'
import { CertsError } from './errors.ts'
import { issue } from './issue.ts'
import { describeKey, newKey, parsePrivateKey, sameKey, toPem } from './keys.ts'
import type { RsaSize } from './keys.ts'
import { checkNotOther, folders, shown } from './layout.ts'
import type { Place } from './layout.ts'
import { withLock } from './lock.ts'
import type { Profile } from './profiles.ts'
import { issuedCertificates, record } from './records.ts'
import { listLifetime, nothingRevoked, readRevocations, writeRevocations } from './revocations.ts'
import { looseModes, prepareFolder, readIfThere, sweep, tighten, writePair } from './store.ts'

/** What was made. */
export interface Delivery {
  certificate: X509Certificate
  /** the certificate that it replaces: still valid, unless revoked */
  former?: X509Certificate
  /** the key file was there already and is used on */
  keyKept: boolean
  /** the revocation list: `made` with this first certificate, or `lost` although there are others */
  list: 'there' | 'made' | 'lost'
}

/** @property force replaces what is there; without it nothing is overwritten */
export interface MakeOptions {
  rsa?: RsaSize
  force?: boolean
}

/**
 * Makes a key and its certificate. A key that is there without a certificate is what an interrupted run left: it is used, so
 * that the same command completes it.
 */
export async function makePair (
  authority: SigningAuthority, place: Place, profile: Profile, { rsa, force = false }: MakeOptions, now: Date
): Promise<Delivery> {
  return withStore(authority.directory, [place.folder], async () => {
    checkNotOther(authority.directory, place)
    if (!force) checkFree(place.certificate, place.request)
    const kept = force ? undefined : leftoverKey(place, rsa)
    return deliver(authority, place, profile, kept ?? newKey(rsa), kept === undefined, now)
  })
}

/** Makes a certificate for a key that stays with its owner. */
export async function makeCertificate (
  authority: SigningAuthority, place: Place, profile: Profile, publicKey: KeyObject, { force = false }: MakeOptions, now: Date
): Promise<Delivery> {
  return withStore(authority.directory, [place.folder], async () => {
    checkNotOther(authority.directory, place)
    if (!force) checkFree(place.certificate)
    const beside = readIfThere(place.key)
    if (beside !== undefined && !sameKey(parsePrivateKey(beside, shown(place.key)), publicKey)) {
      throw new CertsError(`${shown(place.key)} is another key than the request's: sign it with another --name.`)
    }
    return deliver(authority, place, profile, publicKey, false, now)
  })
}

/**
 * Signs, stores and records, in an order in which a certificate that exists is always listed: the name's own file is read
 * for the list too, and one that is replaced is recorded before. Only for who holds the store's lock.
 *
 * @param key of the subject, a private one when it is to be stored
 */
export async function deliver (
  authority: SigningAuthority, place: Place, profile: Profile, key: KeyObject, storeKey: boolean, now: Date
): Promise<Delivery> {
  const { directory } = authority
  checkUnchanged(authority)
  const list = await makeFirstList(authority, now)
  const former = readIfThere(place.certificate)
  if (former !== undefined) record(directory, place, former)
  const pem = await issue(profile, key, now, { key: authority.key, certificate: authority.certificate.raw })
  writePair(place.folder, place.name, { certificate: pem, key: storeKey ? toPem(key) : undefined })
  record(directory, place, pem)
  return { certificate: parseCertificate(pem)!, former: parseCertificate(former), keyKept: !storeKey, list }
}

/** Runs `work` in the store, alone: its folders are there, for their owner only, and hold nothing half written. */
export async function withStore<T> (directory: string, needed: string[], work: () => Promise<T>): Promise<T> {
  prepareFolder(directory, ['ca', 'server'])
  return withLock(join(directory, '.lock'), async () => {
    for (const folder of [...needed, join(directory, folders.issued)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const folder of [directory, ...Object.values(folders).map((name) => join(directory, name))]) {
      if (existsSync(folder)) sweep(folder)
    }
    tighten(looseModes(directory, ['ca', 'server']))
    return work()
  })
}

/**
 * Who checks certificates wants a list from the start. It is made with the first certificate only: where certificates are and
 * the list is not, it was lost, and an empty one would bring back to life what had been revoked.
 */
async function makeFirstList (authority: SigningAuthority, now: Date): Promise<Delivery['list']> {
  if (await readRevocations(authority)) return 'there'
  // `dev` makes a server certificate and no list.
  if (issuedCertificates(authority).some(({ name, current }) => name !== 'server' || !current)) return 'lost'
  await writeRevocations(authority, nothingRevoked, listLifetime.days, now)
  return 'made'
}

/** @throws CertsError when one of the files is there */
export function checkFree (...paths: string[]): void {
  const taken = paths.find((path) => existsSync(path))
  if (taken !== undefined) throw new CertsError(`${shown(taken)} is there already; --force replaces it.`)
}

/** @returns the key that an interrupted run left, which the same command uses */
export function leftoverKey (place: Place, rsa: RsaSize | undefined): KeyObject | undefined {
  if (!existsSync(place.key)) return undefined
  const key = parsePrivateKey(readFileSync(place.key, 'utf8'), shown(place.key))
  const [is, wanted] = [describeKey(key), rsa === undefined ? 'P-256' : `RSA ${rsa}`]
  if (is === wanted) return key
  throw new CertsError(`${shown(place.key)} is there already (${is}); --force replaces it by a new one (${wanted}).`)
}
