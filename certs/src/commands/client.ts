import { announce } from '../announcement.ts'
import { openAuthority } from '../authority.ts'
import type { Io } from '../io.ts'
import { makePair } from '../issuing.ts'
import { checkRsaSize } from '../keys.ts'
import { placeOf, storeOf } from '../layout.ts'
import { checkDnsName, checkEmail, checkOwnName } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, passphraseHelp, passphraseOption, rsaHelp, wholeNumber } from '../options.ts'
import { clientProfile, lifetimes } from '../profiles.ts'

const { days, most } = lifetimes.client

export const help = `Usage: certs client NAME [OPTIONS]

Makes a key and a certificate for a client, a person or a program: clients/NAME.key and clients/NAME.crt. NAME is its
common name, by which servers know it.

  --email ADDRESS         an e-mail address in the certificate; repeatable
  --dns HOST              a DNS name in the certificate; repeatable
  --days N                validity, 1 to ${most} (default: ${days}); never longer than the authority's
${rsaHelp}
  --force                 replaces key and certificate of that name; the former stays valid until it is revoked
${passphraseHelp}
${dirHelp}
${helpHelp}
`

/** `certs client`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument, values } = parseArgument('client', args, 'NAME', {
    ...dirOption,
    ...passphraseOption,
    email: { type: 'string', multiple: true },
    dns: { type: 'string', multiple: true },
    days: { type: 'string' },
    rsa: { type: 'string' },
    force: { type: 'boolean' }
  })
  const directory = storeOf(values.dir)
  const name = checkOwnName(argument)
  const names = { email: (values.email ?? []).map(checkEmail), dns: (values.dns ?? []).map(checkDnsName) }
  const profile = clientProfile(name, names, wholeNumber('days', values.days, 1, most))
  const make = { rsa: checkRsaSize(values.rsa), force: values.force }
  const place = placeOf(directory, 'client', name)
  const now = new Date()
  const authority = await openAuthority(directory, { file: values['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, now)
  const delivery = await makePair(authority, place, profile, make, now)
  announce(io, 'Made', place, authority, delivery, true)
}
