import 'reflect-metadata' // @peculiar/x509 2 wants it loaded first
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension
} from '@peculiar/x509'
import type { Extension } from '@peculiar/x509'
import type { ServerNames } from './server-names.ts'

/** What a kind of certificate is allowed to do, and for how long. Key identifiers are added when it is issued. */
export interface Profile {
  commonName: string
  /** lifetime in days; a certificate never outlives its issuer, whatever stands here */
  days: number
  extensions: Extension[]
}

/**
 * A certificate authority that signs end certificates and revocation lists, and no further authority (path length 0;
 * RFC 5280, sections 4.2.1.3 and 4.2.1.9).
 *
 * @param id tells this authority from the others in a browser's list
 */
export function authorityProfile (id: string): Profile {
  return {
    commonName: `model-edge local CA ${id}`,
    days: 3650,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
    ]
  }
}

/**
 * A TLS server. The key only signs handshakes (ECDSA), so there is no key encipherment. Browsers read the alternative names
 * alone; the common name is for people. 397 days is below every limit that browsers set (Apple: 825 for private
 * authorities, 398 for public ones).
 */
export function serverProfile (names: ServerNames): Profile {
  return {
    commonName: names.dns[0] ?? names.ip[0] ?? 'server',
    days: 397,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value }))
      ])
    ]
  }
}
