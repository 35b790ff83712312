import 'reflect-metadata' // @peculiar/x509 2 wants it loaded first
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension
} from '@peculiar/x509'
import type { Extension, JsonGeneralNames } from '@peculiar/x509'
import type { ServerNames } from './server-names.ts'

/** What a kind of certificate is allowed to do, and for how long. Key identifiers are added when it is issued. */
export interface Profile {
  commonName: string
  /** lifetime in days; a certificate never outlives its issuer, whatever stands here */
  days: number
  extensions: Extension[]
}

/** What a client certificate says of its owner besides the name. */
export interface ClientNames {
  email: string[]
  dns: string[]
}

/** Lifetimes in days. Apple's systems take no server certificate of more than 825, and only 398 from public authorities. */
export const lifetimes = {
  authority: { days: 3650, most: 10_950 },
  server: { days: 397, most: 825 },
  client: { days: 365, most: 3650 }
} as const

/** X.520's ub-common-name. */
const COMMON_NAME = 64

/**
 * A certificate authority that signs end certificates and revocation lists, and no further authority (path length 0;
 * RFC 5280, sections 4.2.1.3 and 4.2.1.9).
 *
 * @param id tells this authority from the others in a browser's list
 */
export function authorityProfile (id: string, commonName = `model-edge local CA ${id}`, days?: number): Profile {
  return {
    commonName,
    days: days ?? lifetimes.authority.days,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
    ]
  }
}

/**
 * A TLS server. The key only signs handshakes, an RSA one too: key encipherment would be for TLS 1.2 without forward
 * secrecy. Clients read the alternative names alone; the common name is for people.
 */
export function serverProfile (names: ServerNames, days?: number): Profile {
  const [commonName] = [...names.dns, ...names.ip].filter((name) => name.length <= COMMON_NAME)
  return endProfile(commonName ?? 'server', days ?? lifetimes.server.days, ExtendedKeyUsage.serverAuth, [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...names.ip.map((value) => ({ type: 'ip' as const, value }))
  ])
}

/** A TLS client: a person, a machine or a program, told by its common name. */
export function clientProfile (name: string, names: ClientNames, days?: number): Profile {
  return endProfile(name, days ?? lifetimes.client.days, ExtendedKeyUsage.clientAuth, [
    ...names.email.map((value) => ({ type: 'email' as const, value })),
    ...names.dns.map((value) => ({ type: 'dns' as const, value }))
  ])
}

function endProfile (commonName: string, days: number, usage: ExtendedKeyUsage, names: JsonGeneralNames): Profile {
  return {
    commonName,
    days,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      ...names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []
    ]
  }
}
