import { announce } from '../announcement.ts'
import { openAuthority } from '../authority.ts'
import { CertsError } from '../errors.ts'
import type { Io } from '../io.ts'
import { checkRsaSize } from '../keys.ts'
import { storeOf } from '../layout.ts'
import { checkName } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, passphraseHelp, passphraseOption, rsaHelp } from '../options.ts'
import { lifetimes } from '../profiles.ts'
import { renew } from '../renewing.ts'

export const help = `Usage: certs renew NAME [OPTIONS]

Makes a new certificate with the same names, for the same key. The former one stays valid until it expires.

  --new-key               makes a new key too
${rsaHelp} (with --new-key)
  --days N                validity (default: ${lifetimes.client.days} for a client, ${lifetimes.server.days} for a server)
${passphraseHelp}
${dirHelp}
${helpHelp}
`

/** `certs renew`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument, values } = parseArgument('renew', args, 'NAME', {
    ...dirOption, ...passphraseOption, 'new-key': { type: 'boolean' }, rsa: { type: 'string' }, days: { type: 'string' }
  })
  const newKey = values['new-key'] ?? false
  const rsa = checkRsaSize(values.rsa)
  if (rsa !== undefined && !newKey) throw new CertsError('--rsa chooses the kind of a new key: add --new-key.')
  const now = new Date()
  const source = { file: values['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }
  const authority = await openAuthority(storeOf(values.dir), source, now)
  const { place, delivery, withKey } = await renew(authority, checkName(argument), { newKey, rsa, days: values.days }, now)
  announce(io, 'Renewed', place, authority, delivery, withKey)
}
