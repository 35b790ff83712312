import { openAuthority } from '../authority.ts'
import type { Io } from '../io.ts'
import { storeOf } from '../layout.ts'
import { dirHelp, dirOption, helpHelp, parseOptions, passphraseHelp, passphraseOption, wholeNumber } from '../options.ts'
import { announceList, renewList } from '../revoking.ts'
import { listLifetime } from '../revocations.ts'

export const help = `Usage: certs crl [OPTIONS]

Signs ca.crl anew, with the same entries, so that it does not run out; makes an empty one where there is none.

  --days N                until it has to be renewed again, 1 to ${listLifetime.most} (default: ${listLifetime.days})
  --force                 replaces one that another authority signed, or that is unreadable, by an empty one
${passphraseHelp}
${dirHelp}
${helpHelp}
`

/** `certs crl`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const options = parseOptions('crl', args, {
    ...dirOption, ...passphraseOption, days: { type: 'string' }, force: { type: 'boolean' }
  })
  const days = wholeNumber('days', options.days, 1, listLifetime.most) ?? listLifetime.days
  const directory = storeOf(options.dir)
  const now = new Date()
  const authority = await openAuthority(directory, { file: options['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, now)
  announceList(io, authority, await renewList(authority, days, options.force ?? false, now))
}
