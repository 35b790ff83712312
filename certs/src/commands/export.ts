import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { hasSigned, readAuthority } from '../authority.ts'
import { CertsError } from '../errors.ts'
import type { Io } from '../io.ts'
import { checkFree } from '../issuing.ts'
import { parsePrivateKey } from '../keys.ts'
import { findPlace, shown, storeOf } from '../layout.ts'
import type { Place } from '../layout.ts'
import { withLock } from '../lock.ts'
import { checkName } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, passphraseOption } from '../options.ts'
import { newPassphraseFor } from '../passphrase.ts'
import { serialOf } from '../records.ts'
import { readRevocations } from '../revocations.ts'
import { writeWhole } from '../store.ts'

export const help = `Usage: certs export NAME [OPTIONS]

Puts key and certificate of NAME and the authority's certificate into one encrypted file that browsers, mail programs,
Node.js and OpenSSL 3 import: clients/NAME.p12 (PKCS#12: AES-256, PBKDF2).

  --out FILE              where it goes
  --passphrase-file FILE  its first line is the new passphrase of the bundle; without it the variable
                          CERTS_BUNDLE_PASSPHRASE, and without that the terminal. It is for whoever gets the bundle, so it
                          is never the authority's CERTS_PASSPHRASE
  --force                 replaces a bundle that is there
${dirHelp}
${helpHelp}
`

/** `certs export`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument, values } = parseArgument('export', args, 'NAME', {
    ...dirOption, ...passphraseOption, out: { type: 'string' }, force: { type: 'boolean' }
  })
  const directory = storeOf(values.dir)
  const place = findPlace(directory, checkName(argument))
  const path = values.out === undefined ? place.bundle : resolve(values.out)
  if (!values.force) checkFree(path)
  if (!existsSync(dirname(path))) throw new CertsError(`There is no folder ${shown(dirname(path))}.`)
  const { key, certificate, authority } = await readContents(directory, place)
  const source = { file: values['passphrase-file'], variable: 'CERTS_BUNDLE_PASSPHRASE', io }
  const passphrase = await newPassphraseFor(shown(path), source)
  const { makeBundle } = await import('../bundle.ts')
  const bundle = await makeBundle(place.name, key, certificate, authority.certificate, passphrase)
  await withLock(resolve(directory, '.lock'), async () => {
    if (!values.force) checkFree(path)
    writeWhole(path, bundle)
  })
  io.print(`Made ${shown(path)}: key and certificate of ${place.name}, and the authority's certificate.`)
}

async function readContents (directory: string, place: Place) {
  const authority = readAuthority(directory)
  const certificate = new X509Certificate(readFileSync(place.certificate))
  if (!existsSync(place.key)) throw new CertsError(`${shown(place.key)} is not here, and a bundle needs the key: export it where the key is.`)
  const key = parsePrivateKey(readFileSync(place.key, 'utf8'), shown(place.key))
  if (!certificate.checkPrivateKey(key)) throw new CertsError(`${shown(place.key)} does not belong to ${shown(place.certificate)}.`)
  if (!hasSigned(authority, certificate)) throw new CertsError(`${shown(place.certificate)} was not signed by ca.crt.`)
  if (Date.parse(certificate.validTo) <= Date.now()) throw new CertsError(`${shown(place.certificate)} has expired; certs renew makes a new one.`)
  if ((await readRevocations(authority))?.revoked.has(serialOf(certificate))) throw new CertsError(`${shown(place.certificate)} is revoked.`)
  return { authority, certificate, key }
}
