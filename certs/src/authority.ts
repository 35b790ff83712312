import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { CertsError } from './errors.ts'
import { goodKeys, isEncrypted, parsePrivateKey, weakness } from './keys.ts'
import { shown } from './layout.ts'
import { passphraseFor } from './passphrase.ts'
import type { PassphraseSource } from './passphrase.ts'
import { readIfThere } from './store.ts'

/** The authority of a store, as everybody may see it. */
export interface Authority {
  directory: string
  certificate: X509Certificate
}

/** The authority with its private key: who has it can sign. */
export interface SigningAuthority extends Authority {
  key: KeyObject
}

/** @throws CertsError when the store has no readable authority */
export function readAuthority (directory: string): Authority {
  const path = join(directory, 'ca.crt')
  const text = readIfThere(path)
  if (text === undefined) {
    throw new CertsError(`There is no authority in ${shown(directory)}: certs ca makes one, certs dev one for development.`)
  }
  const certificate = parseCertificate(text)
  if (!certificate) throw new CertsError(`${shown(path)} is no readable certificate.`)
  if (!certificate.ca) throw new CertsError(`${shown(path)} is no certificate of an authority.`)
  return { directory, certificate }
}

/**
 * The authority, ready to sign; asks for the passphrase when its key has one. It may have been made by `ca`, by `dev` or by
 * another program.
 *
 * @throws CertsError when the key does not open, does not fit, is weak, or the certificate is not valid now
 */
export async function openAuthority (directory: string, source: PassphraseSource, now: Date): Promise<SigningAuthority> {
  const authority = readAuthority(directory)
  const { certificate } = authority
  const path = join(directory, 'ca.key')
  const text = readIfThere(path)
  if (text === undefined) throw new CertsError(`${shown(path)} is missing, and without it nothing can be signed.`)
  if (Date.parse(certificate.validTo) <= now.getTime()) throw new CertsError(`The authority in ${shown(directory)} has expired.`)
  if (Date.parse(certificate.validFrom) > now.getTime()) throw new CertsError(`The authority in ${shown(directory)} is not valid yet.`)
  const key = await openKey(text, path, source)
  if (!certificate.checkPrivateKey(key)) throw new CertsError(`${shown(path)} does not belong to ca.crt.`)
  const weak = weakness(key)
  if (weak !== undefined) throw new CertsError(`${shown(path)} is ${weak}; an authority takes ${goodKeys}.`)
  return { ...authority, key }
}

/** Reads a key in any of OpenSSL's PEM forms, with or without a passphrase. */
export async function openKey (text: string, path: string, source: PassphraseSource): Promise<KeyObject> {
  if (!isEncrypted(text)) return parsePrivateKey(text, shown(path))
  const passphrase = await passphraseFor(shown(path), source)
  try {
    return createPrivateKey({ key: text, passphrase })
  } catch {
    throw new CertsError(`The passphrase does not open ${shown(path)}.`)
  }
}

/** @throws CertsError when another run has replaced the authority since it was read */
export function checkUnchanged ({ directory, certificate }: Authority): void {
  const now = parseCertificate(readIfThere(join(directory, 'ca.crt')))
  if (!now?.raw.equals(certificate.raw)) throw new CertsError('The authority has just been replaced by another run; try again.')
}

/** Whether the authority signed the certificate. */
export function hasSigned (authority: Authority, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority.certificate) && certificate.verify(authority.certificate.publicKey)
}

export function parseCertificate (text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : new X509Certificate(text)
  } catch {
    return undefined
  }
}
