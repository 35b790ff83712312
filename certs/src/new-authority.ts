import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { openKey } from './authority.ts'
import type { Authority } from './authority.ts'
import { toEncryptedPem } from './encryption.ts'
import { CertsError } from './errors.ts'
import { issue, shortId } from './issue.ts'
import { checkFree, withStore } from './issuing.ts'
import { describeKey, isEncrypted, newKey } from './keys.ts'
import type { RsaSize } from './keys.ts'
import { shown } from './layout.ts'
import { newPassphraseFor } from './passphrase.ts'
import type { PassphraseSource } from './passphrase.ts'
import { authorityProfile } from './profiles.ts'
import { listLifetime, nothingRevoked, writeRevocations } from './revocations.ts'
import { readIfThere, writePair } from './store.ts'

/** @property name the common name; @property force replaces the authority and all that it revoked */
export interface NewAuthority {
  directory: string
  name?: string
  days?: number
  rsa?: RsaSize
  force: boolean
}

/**
 * Makes an authority whose key is encrypted, and its first, empty revocation list. A `ca.key` without a `ca.crt` is what an
 * interrupted run left: with its passphrase it is used, so that the same command completes it.
 */
export async function makeAuthority (wanted: NewAuthority, source: PassphraseSource, now: Date): Promise<Authority> {
  const { directory, rsa, force } = wanted
  const path = join(directory, 'ca.key')
  const leftover = force ? undefined : leftoverKey(directory)
  const key = leftover === undefined ? newKey(rsa) : await openKey(leftover, path, source)
  const kind = rsa === undefined ? 'P-256' : `RSA ${rsa}`
  if (describeKey(key) !== kind) throw new CertsError(`${shown(path)} is there already (${describeKey(key)}); --force replaces it.`)
  const stored = leftover === undefined ? await toEncryptedPem(key, await newPassphraseFor(shown(path), source)) : undefined
  const id = shortId(key)
  const certificate = await issue(authorityProfile(id, wanted.name ?? `model-edge CA ${id}`, wanted.days), key, now)
  const authority: Authority = { directory, certificate: new X509Certificate(certificate) }

  return withStore(directory, [], async () => {
    if (!force && leftoverKey(directory) !== leftover) throw new CertsError('Another run has just made an authority here; nothing was changed.')
    // The list first: interrupted before the certificate is there, the same command makes it all again.
    await writeRevocations({ ...authority, key }, nothingRevoked, listLifetime.days, now)
    writePair(directory, 'ca', { certificate, key: stored })
    return authority
  })
}

/** @throws CertsError when there is an authority, or a key that `ca` did not make */
function leftoverKey (directory: string): string | undefined {
  checkFree(join(directory, 'ca.crt'))
  const text = readIfThere(join(directory, 'ca.key'))
  if (text !== undefined && !isEncrypted(text)) checkFree(join(directory, 'ca.key'))
  return text
}
