import { readAuthority } from '../authority.ts'
import type { Io } from '../io.ts'
import { storeOf } from '../layout.ts'
import { dirHelp, dirOption, helpHelp, parseOptions } from '../options.ts'
import { issuedCertificates } from '../records.ts'
import { nothingRevoked, readRevocations } from '../revocations.ts'
import { statusOf } from '../status.ts'

export const help = `Usage: certs list [--json] [--dir DIR]

Lists the certificates that the authority in the folder has signed, former ones too. No passphrase is needed.

  --json                  one JSON array of { name, serial, kind, expires, status, revoked }
${dirHelp}
${helpHelp}

The status is valid, expiring (less than 30 days left), expired, revoked or not yet valid.
`

interface Row {
  name: string
  serial: string
  kind: string
  /** RFC 3339, UTC */
  expires: string
  status: string
  /** when it was revoked; null when it was not */
  revoked: string | null
}

/** `certs list`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const options = parseOptions('list', args, { ...dirOption, json: { type: 'boolean' } })
  const authority = readAuthority(storeOf(options.dir))
  const list = await readRevocations(authority)
  const { revoked, nextUpdate } = list ?? nothingRevoked
  const now = new Date()
  const rows = issuedCertificates(authority).map((issued): Row => ({
    name: issued.name,
    serial: issued.serial,
    kind: issued.kind,
    expires: new Date(issued.certificate.validTo).toISOString(),
    status: statusOf(issued, revoked, now),
    revoked: revoked.get(issued.serial)?.toISOString() ?? null
  }))
  if (options.json) io.print(JSON.stringify(rows, null, 2))
  else for (const line of table(rows)) io.print(line)
  if (nextUpdate && nextUpdate <= now) io.warn('ca.crl is out of date, and who checks it refuses every certificate; certs crl renews it.')
  if (!list && rows.length > 0) io.warn('There is no ca.crl, so nothing counts as revoked.')
}

function table (rows: Row[]): string[] {
  if (rows.length === 0) return ['The authority has signed nothing yet.']
  const cells = [
    ['NAME', 'KIND', 'EXPIRES', 'STATUS', 'SERIAL'],
    ...rows.map(({ name, kind, expires, status, serial }) => [name, kind, expires.slice(0, 10), status, serial])
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => [...row[column]!].length)))
  return cells.map((row) => row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join('  ').trimEnd())
}
