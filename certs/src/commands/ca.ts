import { join } from 'node:path'
import { day } from '../announcement.ts'
import type { Io } from '../io.ts'
import { checkRsaSize } from '../keys.ts'
import { shown, storeOf } from '../layout.ts'
import { checkName } from '../names.ts'
import { makeAuthority } from '../new-authority.ts'
import { dirHelp, dirOption, helpHelp, parseOptions, passphraseOption, rsaHelp, wholeNumber } from '../options.ts'
import { lifetimes } from '../profiles.ts'

const { days, most } = lifetimes.authority

export const help = `Usage: certs ca [OPTIONS]

Makes a certificate authority: ca.crt, which others trust, ca.key, encrypted with a passphrase, and ca.crl, the list of
what it has revoked.

  --name NAME             its common name (default: one with the key's number)
  --days N                validity, 1 to ${most} (default: ${days})
${rsaHelp}
  --passphrase-file FILE  its first line is the new passphrase; without it the variable CERTS_PASSPHRASE, and without
                          that the terminal
  --force                 replaces the authority that is there: all its certificates become worthless
${dirHelp}
${helpHelp}
`

/** `certs ca`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const options = parseOptions('ca', args, {
    ...dirOption, ...passphraseOption, name: { type: 'string' }, days: { type: 'string' }, rsa: { type: 'string' }, force: { type: 'boolean' }
  })
  const directory = storeOf(options.dir)
  const { certificate } = await makeAuthority({
    directory,
    name: options.name === undefined ? undefined : checkName(options.name),
    days: wholeNumber('days', options.days, 1, most),
    rsa: checkRsaSize(options.rsa),
    force: options.force ?? false
  }, { file: options['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, new Date())
  const file = (name: string) => shown(join(directory, name))
  io.print(`Made the authority "${certificate.subject.replace(/^CN=/, '')}", valid until ${day(certificate)}: ${file('ca.crt')}, ${file('ca.key')}, ${file('ca.crl')}.`)
}
