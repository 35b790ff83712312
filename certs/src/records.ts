import type { X509Certificate } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasSigned, parseCertificate } from './authority.ts'
import type { Authority } from './authority.ts'
import { folders, placeOf } from './layout.ts'
import type { Place } from './layout.ts'
import { readIfThere, writeWhole } from './store.ts'

/** A certificate that the authority signed, as the store knows it. */
export interface IssuedCertificate {
  name: string
  /** lower-case hexadecimal digits without leading zeros */
  serial: string
  /** `client`, `server`, both joined by a plus, or `other` */
  kind: string
  certificate: X509Certificate
  /** whether it is the one in the name's own file, and not a former one */
  current: boolean
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

/**
 * Every certificate of the store that this authority signed, sorted by name, the newest of a name first. It is read from
 * the certificates themselves: there is no index that an interrupted run could leave behind them.
 */
export function issuedCertificates (authority: Authority): IssuedCertificate[] {
  const found = new Map<string, IssuedCertificate>()
  for (const { name, path, current } of certificateFiles(authority.directory)) {
    const certificate = parseCertificate(readIfThere(path))
    if (!certificate || !hasSigned(authority, certificate)) continue
    const serial = serialOf(certificate)
    if (!found.has(serial)) found.set(serial, { name, serial, kind: kindOf(certificate), certificate, current })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : starts(b) - starts(a)))
}

/** Keeps a copy, so that a certificate whose file is replaced or deleted can still be listed and revoked. */
export function record (directory: string, { name }: Place, pem: string): void {
  const certificate = parseCertificate(pem)
  if (!certificate) return
  const path = join(directory, folders.issued, `${name}.${serialOf(certificate)}.crt`)
  if (!existsSync(path)) writeWhole(path, pem)
}

export function serialOf (certificate: X509Certificate): string {
  return BigInt(`0x${certificate.serialNumber}`).toString(16)
}

export function kindOf ({ keyUsage }: X509Certificate): string {
  // `keyUsage` is Node's name for the extended key usages.
  const kinds = [[CLIENT_AUTH, 'client'], [SERVER_AUTH, 'server']].filter(([usage]) => keyUsage?.includes(usage!))
  return kinds.map(([, kind]) => kind).join('+') || 'other'
}

/** The files of names first: a certificate that is there and in the record is the current one. */
function certificateFiles (directory: string): { name: string, path: string, current: boolean }[] {
  const own = ['clients', 'servers'].flatMap((folder) => namesIn(join(directory, folder), /^(.+)\.crt$/))
  const former = namesIn(join(directory, folders.issued), /^(.+)\.[0-9a-f]+\.crt$/)
  return [
    { name: 'server', path: placeOf(directory, 'server', 'server').certificate, current: true },
    ...own.map((file) => ({ ...file, current: true })),
    ...former.map((file) => ({ ...file, current: false }))
  ]
}

function namesIn (folder: string, pattern: RegExp): { name: string, path: string }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => {
    const name = pattern.exec(file.normalize('NFC'))?.[1]
    return name === undefined || name.startsWith('.') ? [] : [{ name, path: join(folder, file) }]
  })
}

function starts ({ certificate }: IssuedCertificate): number {
  return Date.parse(certificate.validFrom)
}
