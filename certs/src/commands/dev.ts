import { join } from 'node:path'
import { NONE } from '../inspect.ts'
import { shown, storeOf } from '../layout.ts'
import { ensureLocalCertificates } from '../local-certificates.ts'
import type { LocalCertificate, LocalCertificates } from '../local-certificates.ts'
import { parseOptions } from '../options.ts'

export const help = `Usage: certs dev [--dir DIR] [--quiet]

Makes a local certificate authority and a server certificate for localhost, 127.0.0.1, ::1 and this machine's name,
and renews them when they are broken or about to expire. What is good stays as it is.

  --dir DIR   where the files are (default: local/ in the certs package)
  --quiet     print only what has changed
  --help      print this text
`

/** `certs dev`: see {@link help}. */
export async function run (args: string[]): Promise<void> {
  const options = parseOptions('dev', args, { dir: { type: 'string' }, quiet: { type: 'boolean' } })
  const directory = storeOf(options.dir)
  const result = await ensureLocalCertificates({ directory })
  const lines = options.quiet ? changes(result, directory) : everything(result, directory)
  if (lines.length > 0) console.log(lines.join('\n'))
}

function everything (result: LocalCertificates, directory: string): string[] {
  const changed = changes(result, directory)
  return [
    ...result.authority.made === undefined ? [authorityLine(result)] : [],
    ...result.server.made === undefined ? [serverLine(result)] : [],
    ...changed.length > 0 ? changed : ['Nothing had to be changed.'],
    `Use: curl --cacert ${shown(join(directory, 'ca.crt'))} https://localhost:8443/`
  ]
}

function changes (result: LocalCertificates, directory: string): string[] {
  const { authority, server, tightened } = result
  return [
    ...authority.made !== undefined ? [authorityLine(result)] : [],
    ...server.made !== undefined ? [serverLine(result)] : [],
    ...authority.made !== undefined && authority.made !== NONE
      ? [`Where the former authority was trusted, trust ${shown(join(directory, 'ca.crt'))} instead.`]
      : [],
    ...tightened.map((path) => `Only its owner can read ${shown(path)} from now on.`)
  ]
}

function authorityLine ({ authority }: LocalCertificates): string {
  return line(`authority "${authority.certificate.subject.replace(/^CN=/, '')}"`, authority)
}

function serverLine ({ server }: LocalCertificates): string {
  return line(`server certificate for ${[...server.names.dns, ...server.names.ip].join(', ')}`, server)
}

function line (what: string, { certificate, made }: LocalCertificate): string {
  const until = new Date(certificate.validTo).toISOString().slice(0, 10)
  return made === undefined
    ? `Kept the ${what}, valid until ${until}.`
    : `Made the ${what}, valid until ${until}, because ${made}.`
}
