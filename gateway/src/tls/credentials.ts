import { readFileSync } from 'node:fs'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { MistakesError } from '../mistakes.ts'

/** A server certificate (leaf first, then its chain) and its private key, both PEM. */
export interface Credentials {
  cert: string
  key: string
  /** The leaf's last moment of validity. */
  expires: Date
}

/**
 * Reads and checks a certificate and its key: both are there and what their names say, belong together, and the
 * certificate is valid now. TLS libraries accept an expired pair without a word and leave it to every client to refuse.
 * @throws {MistakesError} with everything that is wrong
 */
export function loadCredentials (certFile: string, keyFile: string, now = new Date()): Credentials {
  const mistakes: string[] = []
  const attempt = <T>(variable: string, file: string, what: string, parse: (pem: string) => T): { pem: string, value: T } | undefined => {
    try {
      const pem = readFileSync(file, 'utf8')
      return { pem, value: parse(pem) }
    } catch (error) {
      mistakes.push(`${variable} (${file}) ${problem(error, what)}`)
    }
  }
  const cert = attempt('TLS_CERT_FILE', certFile, 'a PEM certificate', (pem) => new X509Certificate(pem))
  const key = attempt('TLS_KEY_FILE', keyFile, 'a PEM private key without a passphrase', (pem) => createPrivateKey(pem))
  if (cert !== undefined) mistakes.push(...validity(cert.value, certFile, now))
  if (cert !== undefined && key !== undefined) mistakes.push(...mismatch(cert.value, key.value, certFile, keyFile))
  if (cert === undefined || key === undefined || mistakes.length > 0) throw new MistakesError(mistakes)
  return { cert: cert.pem, key: key.pem, expires: new Date(cert.value.validTo) }
}

function problem (error: unknown, takes: string): string {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'is not there. `pnpm certs dev` makes a local one.'
  if (syscall !== undefined) return `cannot be read (${code}).`
  return `is not ${takes}.`
}

function validity (cert: X509Certificate, file: string, now: Date): string[] {
  if (now < new Date(cert.validFrom)) return [`TLS_CERT_FILE (${file}) is not valid before ${new Date(cert.validFrom).toISOString()}.`]
  if (now > new Date(cert.validTo)) return [`TLS_CERT_FILE (${file}) expired on ${new Date(cert.validTo).toISOString()}.`]
  return []
}

function mismatch (cert: X509Certificate, key: KeyObject, certFile: string, keyFile: string): string[] {
  if (cert.checkPrivateKey(key)) return []
  return [`TLS_KEY_FILE (${keyFile}) is not the key of TLS_CERT_FILE (${certFile}).`]
}
