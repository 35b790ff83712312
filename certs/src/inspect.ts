import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { CertsError } from './errors.ts'
import { isEncrypted } from './keys.ts'
import type { ServerNames } from './server-names.ts'
import { readIfThere } from './store.ts'

/** Renewed this long before the end: a machine that runs once a month still gets through. */
const RENEW_BEFORE = 30 * 86_400_000

/** The problem of a pair of which nothing is there. */
export const NONE = 'there was none'

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/** What was found of a pair. Only node:crypto is used here: it loads in no time, and most runs find nothing to do. */
export interface Found {
  key?: KeyObject
  certificate?: X509Certificate
  /** why a new certificate is needed, as the rest of "because …"; undefined when the pair is good */
  problem?: string
}

/** Looks at the authority in `ca.key` and `ca.crt`. */
export function inspectAuthority (directory: string, now: Date): Found {
  const found = readPair(directory, 'ca')
  const { certificate } = found
  if (found.problem !== undefined || !certificate) return found
  const selfSigned = certificate.ca && certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
  return { ...found, problem: selfSigned ? timeProblem('ca', certificate, now) : 'ca.crt was no self-signed authority' }
}

/** Looks at the server certificate in `server.key` and `server.crt`, which should be the authority's, for these names. */
export function inspectServer (directory: string, authority: Found, names: ServerNames, now: Date): Found {
  const found = readPair(directory, 'server')
  const { certificate } = found
  if (found.problem !== undefined || !certificate) return found
  const issuer = authority.problem === undefined ? authority.certificate : undefined
  if (!issuer || !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
    return { ...found, problem: 'server.crt was not signed by ca.crt' }
  }
  // `keyUsage` is Node's name for the extended key usages.
  if (certificate.ca || !certificate.keyUsage?.includes(SERVER_AUTH)) {
    return { ...found, problem: 'server.crt was no server certificate' }
  }
  if (!hasExactly(certificate, names)) return { ...found, problem: 'the names of this machine had changed' }
  return { ...found, problem: timeProblem('server', certificate, now) }
}

function readPair (directory: string, name: string): Found {
  const keyText = readIfThere(join(directory, `${name}.key`))
  const certificateText = readIfThere(join(directory, `${name}.crt`))
  if (keyText === undefined && certificateText === undefined) return { problem: NONE }
  const key = parseKey(keyText, join(directory, `${name}.key`))
  const certificate = parseCertificate(certificateText)
  return { key, certificate, problem: pairProblem() }

  function pairProblem (): string | undefined {
    if (keyText === undefined) return `${name}.key was missing`
    if (!key) return `${name}.key was no readable P-256 key`
    if (certificateText === undefined) return `${name}.crt was missing`
    if (!certificate) return `${name}.crt was no readable certificate`
    if (!certificate.checkPrivateKey(key)) return `${name}.key did not belong to ${name}.crt`
  }
}

function parseKey (text: string | undefined, path: string): KeyObject | undefined {
  if (text === undefined) return undefined
  // Nobody protects rubbish with a passphrase: this key is somebody's, and not ours to replace.
  if (isEncrypted(text)) {
    throw new CertsError(`${path} is protected by a passphrase, so it was not made by this command: choose another folder.`)
  }
  try {
    const key = createPrivateKey(text)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

function parseCertificate (text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : new X509Certificate(text)
  } catch {
    return undefined
  }
}

function timeProblem (name: string, certificate: X509Certificate, now: Date): string | undefined {
  if (Date.parse(certificate.validFrom) > now.getTime()) return `${name}.crt was not valid yet`
  const left = Date.parse(certificate.validTo) - now.getTime()
  if (left <= 0) return `${name}.crt had expired`
  if (left < RENEW_BEFORE) return `${name}.crt had less than 30 days left`
}

function hasExactly (certificate: X509Certificate, names: ServerNames): boolean {
  return certificate.subjectAltName?.split(', ').length === names.dns.length + names.ip.length &&
    names.dns.every((name) => certificate.checkHost(name, { subject: 'never', wildcards: false })) &&
    names.ip.every((address) => certificate.checkIP(address))
}
