import { isIP } from 'node:net'
import { CertsError } from './errors.ts'
import { isDnsName } from './server-names.ts'
import type { ServerNames } from './server-names.ts'

/** Letters and digits of any script, single spaces, and a few signs; nothing that a shell or file system takes for its own. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._@+'-]| (?! ))*$/u
/** X.520's ub-common-name, in characters; the octets leave room for a serial in a file name of 255. */
const MOST_CHARACTERS = 64
const MOST_OCTETS = 180
/** Windows opens a device by these names, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?<domain>.+)$/i

/** Names of files beside the folders of clients and servers. */
const RESERVED = new Set(['ca', 'server'])

/**
 * The name of a client or server: it becomes a common name and the name of files.
 *
 * @returns the name in Unicode's composed form, so that it is one file on every system
 * @throws CertsError that says what is wrong with it
 */
export function checkName (text: string): string {
  const name = text.normalize('NFC')
  if ([...name].length > MOST_CHARACTERS || Buffer.byteLength(name) > MOST_OCTETS) {
    throw new CertsError(`A name takes at most ${MOST_CHARACTERS} characters (${MOST_OCTETS} octets): '${[...name].slice(0, 20).join('')}…' is longer.`)
  }
  if (!NAME.test(name) || /[ .]$/.test(name)) {
    throw new CertsError(`'${printable(text)}' is no name: it takes letters, digits, spaces and . _ - @ + ', a letter or digit first, no space or dot last.`)
  }
  if (DEVICE.test(name)) throw new CertsError(`'${name}' is no name, since Windows takes it for a device.`)
  return name
}

/** As {@link checkName}, and not one of the store's own names. */
export function checkOwnName (text: string): string {
  const name = checkName(text)
  if (RESERVED.has(name.toLowerCase())) throw new CertsError(`The name '${name}' is the store's own: choose another one.`)
  return name
}

/**
 * What a server certificate is to be valid for.
 *
 * @param hosts DNS names, also with `*` as the whole first label, and IPv4 or IPv6 addresses
 * @throws CertsError that names the first one which is neither
 */
export function checkHosts (hosts: string[]): ServerNames {
  const dns = new Set<string>()
  const ip = new Set<string>()
  for (const host of hosts) {
    const address = host.replace(/^\[(.*)\]$/, '$1')
    if (isIP(address) !== 0 && !address.includes('%')) ip.add(canonical(address))
    else dns.add(checkDnsName(host))
  }
  return { dns: [...dns], ip: [...ip] }
}

/** @throws CertsError unless it is a DNS name; `*` may be its first label when two others follow */
export function checkDnsName (host: string): string {
  const name = host.toLowerCase()
  const wildcard = name.startsWith('*.')
  const rest = wildcard ? name.slice(2) : name
  if (isDnsName(rest) && name.length <= 253 && (!wildcard || rest.includes('.'))) return name
  throw new CertsError(`'${printable(host)}' is neither a DNS name (Unicode ones as xn--…, a wildcard as *.example.com) nor an IP address.`)
}

/** @throws CertsError unless it is an e-mail address that a certificate can hold (ASCII) */
export function checkEmail (text: string): string {
  const domain = EMAIL.exec(text)?.groups?.domain
  if (domain !== undefined && text.length <= 254 && isDnsName(domain)) return text
  throw new CertsError(`'${printable(text)}' is no e-mail address that a certificate can hold.`)
}

/** One text an address: `::1` for `0:0:0:0:0:0:0:1`. */
function canonical (address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** What was typed may hold characters that a terminal obeys. */
export function printable (text: string): string {
  return text.slice(0, 100).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
}
