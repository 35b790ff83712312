import { isIP } from 'node:net'

/** What a server certificate is for: its subject alternative names. */
export interface ServerNames {
  /** lower-case DNS names */
  dns: string[]
  /** IPv4 and IPv6 addresses */
  ip: string[]
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Whether clients accept the name in a certificate: letters, digits and hyphens (RFC 1123, section 2.1), at most 253
 * characters. A name whose last label is a number is none: URL parsers take it for an IPv4 address.
 */
export function isDnsName (name: string): boolean {
  const labels = name.toLowerCase().split('.')
  return name.length <= 253 && isIP(name) === 0 && labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
}

/**
 * The names of the machine that the certificate is made on.
 *
 * @param hostName as `os.hostname()` tells it; left out when it is no DNS name, since some systems allow underscores or spaces
 */
export function localNames (hostName: string): ServerNames {
  const dns = new Set(['localhost'])
  if (isDnsName(hostName)) dns.add(hostName.toLowerCase())
  return { dns: [...dns], ip: ['127.0.0.1', '::1'] }
}
