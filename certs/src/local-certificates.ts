import type { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { inspectAuthority, inspectServer } from './inspect.ts'
import type { Found } from './inspect.ts'
import { withLock } from './lock.ts'
import { localNames } from './server-names.ts'
import type { ServerNames } from './server-names.ts'
import { looseModes, prepareFolder, sweep, tighten, writePair } from './store.ts'

/** What {@link ensureLocalCertificates} found or made. */
export interface LocalCertificate {
  certificate: X509Certificate
  /** why it was made, as the rest of "because …"; undefined when it was kept */
  made?: string
}

/** The certificates of one machine for development. */
export interface LocalCertificates {
  authority: LocalCertificate
  server: LocalCertificate & { names: ServerNames }
  /** files and folders that others had access to, and now have not */
  tightened: string[]
}

/** @property now decides on renewal and dates what is made; @property hostName is one of the server's names */
export interface LocalCertificatesOptions {
  directory: string
  hostName?: string
  now?: Date
}

interface Inspection {
  authority: Found
  server: Found
  loose: string[]
}

const PAIRS = ['ca', 'server']

/**
 * Sees to it that a folder holds a local authority (`ca.crt`, `ca.key`) and a server certificate signed by it
 * (`server.crt`, `server.key`), all good for at least 30 days. What is good stays, byte for byte. A good key stays when only
 * its certificate is not: the authority then keeps its name and key, and a server that reloads never meets a mismatch.
 *
 * Safe to run several times at once, and again after an interruption.
 *
 * @throws CertsError when the folder is somebody else's or locked for long
 */
export async function ensureLocalCertificates (options: LocalCertificatesOptions): Promise<LocalCertificates> {
  const { directory, now = new Date() } = options
  const names = localNames(options.hostName ?? hostname())
  const before = inspect(directory, names, now)
  if (isGood(before)) return report(before, before, names)

  prepareFolder(directory, PAIRS)
  return withLock(join(directory, '.lock'), async () => {
    const found = inspect(directory, names, now) // another run may have done the work meanwhile
    sweep(directory)
    tighten(found.loose)
    if (found.authority.problem !== undefined) await makeAuthority(directory, found.authority, now)
    const authority = inspectAuthority(directory, now)
    const server = inspectServer(directory, authority, names, now)
    if (server.problem !== undefined) await makeServer(directory, authority, server, names, now)
    return report(
      { ...found, server },
      { authority, server: inspectServer(directory, authority, names, now), loose: [] },
      names
    )
  })
}

function inspect (directory: string, names: ServerNames, now: Date): Inspection {
  const authority = inspectAuthority(directory, now)
  return { authority, server: inspectServer(directory, authority, names, now), loose: looseModes(directory, PAIRS) }
}

function isGood ({ authority, server, loose }: Inspection): boolean {
  return authority.problem === undefined && server.problem === undefined && loose.length === 0
}

async function makeAuthority (directory: string, found: Found, now: Date): Promise<void> {
  const { authorityProfile, issue, newKey, shortId, toPem } = await loadIssuing()
  const key = found.key ?? newKey()
  const certificate = await issue(authorityProfile(shortId(key)), key, now)
  writePair(directory, 'ca', { certificate, key: found.key ? undefined : toPem(key) })
}

async function makeServer (
  directory: string, authority: Found, found: Found, names: ServerNames, now: Date
): Promise<void> {
  const { issue, newKey, serverProfile, toPem } = await loadIssuing()
  const key = found.key ?? newKey()
  const issuer = { key: authority.key!, certificate: authority.certificate!.raw }
  const certificate = await issue(serverProfile(names), key, now, issuer)
  writePair(directory, 'server', { certificate, key: found.key ? undefined : toPem(key) })
}

/** The certificate library takes longer to load than everything else here to run, and most runs make nothing. */
async function loadIssuing () {
  return { ...await import('./issue.ts'), ...await import('./keys.ts'), ...await import('./profiles.ts') }
}

function report (before: Inspection, after: Inspection, names: ServerNames): LocalCertificates {
  const broken = after.authority.problem ?? after.server.problem
  if (broken !== undefined) throw new Error(`the certificates just made are not good: ${broken}`)
  return {
    authority: { certificate: after.authority.certificate!, made: before.authority.problem },
    server: { certificate: after.server.certificate!, made: before.server.problem, names },
    tightened: before.loose
  }
}
