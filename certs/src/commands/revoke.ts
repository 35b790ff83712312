import { openAuthority } from '../authority.ts'
import { CertsError } from '../errors.ts'
import type { Io } from '../io.ts'
import { storeOf } from '../layout.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, passphraseHelp, passphraseOption, wholeNumber } from '../options.ts'
import { announceList, revoke } from '../revoking.ts'
import { listLifetime, reasons } from '../revocations.ts'

export const help = `Usage: certs revoke NAME|SERIAL [OPTIONS]

Takes back the certificate with that serial, or all that are not expired with that name, and signs a new ca.crl. Who
checks it refuses them from then on.

  --reason REASON         ${[...reasons.keys()].slice(0, 3).join(', ')},
                          ${[...reasons.keys()].slice(3).join(' or ')}
  --days N                until the list has to be renewed, 1 to ${listLifetime.most} (default: ${listLifetime.days})
  --force                 revokes a serial also when no certificate here has it
${passphraseHelp}
${dirHelp}
${helpHelp}
`

/** `certs revoke`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument, values } = parseArgument('revoke', args, 'NAME|SERIAL', {
    ...dirOption, ...passphraseOption, reason: { type: 'string' }, days: { type: 'string' }, force: { type: 'boolean' }
  })
  const { reason = 'unspecified' } = values
  if (!reasons.has(reason)) throw new CertsError(`--reason takes ${[...reasons.keys()].join(', ')}, not '${reason}'.`)
  const days = wholeNumber('days', values.days, 1, listLifetime.most) ?? listLifetime.days
  const directory = storeOf(values.dir)
  const now = new Date()
  const authority = await openAuthority(directory, { file: values['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, now)
  const result = await revoke(authority, argument, { reason: reasons.get(reason), days, force: values.force ?? false }, now)
  for (const { name, serial } of result.before) io.print(`${name}, serial ${serial}, was revoked already.`)
  for (const { name, serial } of result.revoked) io.print(`Revoked ${name}, serial ${serial}.`)
  announceList(io, authority, result)
}
