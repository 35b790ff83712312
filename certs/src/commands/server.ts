import { announce } from '../announcement.ts'
import { openAuthority } from '../authority.ts'
import { CertsError } from '../errors.ts'
import type { Io } from '../io.ts'
import { makePair } from '../issuing.ts'
import { checkRsaSize } from '../keys.ts'
import { placeOf, storeOf } from '../layout.ts'
import { checkHosts, checkName, checkOwnName } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseOptions, passphraseHelp, passphraseOption, rsaHelp, wholeNumber } from '../options.ts'
import { lifetimes, serverProfile } from '../profiles.ts'

const { days, most } = lifetimes.server

export const help = `Usage: certs server --host HOST [--host HOST …] [OPTIONS]

Makes a key and a certificate for a server: server.key and server.crt, or servers/NAME.key and servers/NAME.crt.

  --host HOST             a DNS name, *.example.com, or an IPv4 or IPv6 address that clients reach it by; repeatable
  --name NAME             what the files are called (default: server)
  --days N                validity, 1 to ${most} (default: ${days}); never longer than the authority's
${rsaHelp}
  --force                 replaces key and certificate of that name
${passphraseHelp}
${dirHelp}
${helpHelp}
`

/** `certs server`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const options = parseOptions('server', args, {
    ...dirOption,
    ...passphraseOption,
    host: { type: 'string', multiple: true },
    name: { type: 'string' },
    days: { type: 'string' },
    rsa: { type: 'string' },
    force: { type: 'boolean' }
  })
  if (!options.host) throw new CertsError('--host is missing: a server certificate is for the names its clients know; see certs server --help.')
  const directory = storeOf(options.dir)
  const name = options.name === undefined || checkName(options.name) === 'server' ? 'server' : checkOwnName(options.name)
  const profile = serverProfile(checkHosts(options.host), wholeNumber('days', options.days, 1, most))
  const make = { rsa: checkRsaSize(options.rsa), force: options.force }
  const place = placeOf(directory, 'server', name)
  const now = new Date()
  const authority = await openAuthority(directory, { file: options['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, now)
  announce(io, 'Made', place, authority, await makePair(authority, place, profile, make, now), true)
}
