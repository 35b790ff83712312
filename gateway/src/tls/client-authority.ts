import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { MistakesError } from '../mistakes.ts'

/** A list of revoked certificates, checked against the authority that signed it. */
interface Revocations {
  pem: string
  issuer: X509Certificate
  serials: Set<string>
  /** After this the list says nothing any more, and everything it should speak for is refused. */
  nextUpdate: Date
}

/** Longest chain from a client's certificate to the authority; each step costs a signature check. */
const longestChain = 4

/**
 * Whose client certificates are believed. OpenSSL checks them in the handshake; this checks again those of connections that
 * are open already, when the authority, the list or the time has changed.
 */
export class ClientAuthority {
  readonly #certificates: X509Certificate[]
  readonly #revocations: Revocations[] | undefined

  constructor (certificates: X509Certificate[], revocations: Revocations[] | undefined) {
    this.#certificates = certificates
    this.#revocations = revocations
  }

  /** For the TLS context. Each list by itself: OpenSSL reads only the first of several in one text. */
  get tlsOptions (): { ca: string[], crl?: string[] } {
    const ca = this.#certificates.map(String)
    return this.#revocations === undefined ? { ca } : { ca, crl: this.#revocations.map(({ pem }) => pem) }
  }

  /** Whether two authorities would say the same of every certificate. */
  equals (other: ClientAuthority): boolean {
    return JSON.stringify(this.tlsOptions) === JSON.stringify(other.tlsOptions)
  }

  /**
   * Why a client's certificate is not, or no longer, to be believed; `undefined` when it is.
   * @param chain the certificate, then those the client sent with it
   */
  objection (chain: X509Certificate[], now = new Date()): string | undefined {
    let [certificate] = chain
    for (let step = 0; step < longestChain && certificate !== undefined; step++) {
      const current = certificate
      if (now < new Date(current.validFrom) || now > new Date(current.validTo)) return 'it is not valid now'
      const authority = this.#certificates.find((candidate) => isSignedBy(current, candidate))
      if (authority !== undefined) return this.#revocationOf(current, authority, now)
      const intermediate = chain.find((candidate) => candidate !== current && candidate.ca && isSignedBy(current, candidate))
      const revoked = intermediate === undefined ? undefined : this.#revocationOf(current, intermediate, now)
      if (revoked !== undefined) return revoked
      certificate = intermediate
    }
    return 'no trusted authority signed it'
  }

  #revocationOf (certificate: X509Certificate, issuer: X509Certificate, now: Date): string | undefined {
    if (this.#revocations === undefined) return undefined
    const list = this.#revocations.find((candidate) => candidate.issuer.fingerprint256 === issuer.fingerprint256)
    if (list === undefined) return 'no revocation list speaks for it'
    if (now > list.nextUpdate) return 'the revocation list that speaks for it has expired'
    return list.serials.has(plainSerial(certificate.serialNumber)) ? 'it is revoked' : undefined
  }
}

function isSignedBy (certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** Node writes serial numbers in upper case, ASN.1 with a leading zero byte where the first bit is set. */
function plainSerial (serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '')
}

/**
 * Reads the authority's certificates and the revocation lists, and checks what could make them useless: a certificate that
 * is no authority's or has expired, a list that nobody of these signed or whose time is over.
 * @throws {MistakesError} with everything that is wrong
 */
export async function loadClientAuthority (caFile: string, crlFile: string | undefined, now = new Date()): Promise<ClientAuthority> {
  const certificates = blocks('CLIENT_CA_FILE', caFile, 'CERTIFICATE').map((pem) => {
    const certificate = parse(`CLIENT_CA_FILE (${caFile})`, 'a certificate', () => new X509Certificate(pem))
    if (!certificate.ca) throw new MistakesError([`CLIENT_CA_FILE (${caFile}) holds a certificate that is no authority's.`])
    if (now > new Date(certificate.validTo)) throw new MistakesError([`CLIENT_CA_FILE (${caFile}) holds a certificate that has expired.`])
    return certificate
  })
  if (crlFile === undefined) return new ClientAuthority(certificates, undefined)
  const lists = blocks('CLIENT_CRL_FILE', crlFile, 'X509 CRL')
  return new ClientAuthority(certificates, await Promise.all(lists.map((pem) => readList(pem, crlFile, certificates, now))))
}

function blocks (variable: string, file: string, label: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new MistakesError([`${variable} (${file}) ${code === 'ENOENT' ? 'is not there.' : `cannot be read (${code}).`}`])
  }
  const found = text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g'))
  if (found === null) throw new MistakesError([`${variable} (${file}) holds no PEM ${label.toLowerCase()}.`])
  return found.map((pem) => `${pem}\n`)
}

function parse<T> (where: string, what: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw new MistakesError([`${where} holds what is not ${what}.`])
  }
}

async function readList (pem: string, file: string, authorities: X509Certificate[], now: Date): Promise<Revocations> {
  const where = `CLIENT_CRL_FILE (${file})`
  // Only where revocation lists are used: it takes a while to load.
  await import('reflect-metadata')
  const { X509Crl, PublicKey } = await import('@peculiar/x509')
  const list = parse(where, 'a revocation list', () => new X509Crl(pem))
  for (const issuer of authorities) {
    const publicKey = new PublicKey(issuer.publicKey.export({ type: 'spki', format: 'der' }))
    const signed = await list.verify({ publicKey }).catch(() => false)
    if (!signed) continue
    if (list.nextUpdate === undefined || now > list.nextUpdate) throw new MistakesError([`${where} holds a list whose time is over.`])
    const serials = new Set(list.entries.map(({ serialNumber }) => plainSerial(serialNumber)))
    return { pem, issuer, serials, nextUpdate: list.nextUpdate }
  }
  throw new MistakesError([`${where} holds a list that no authority of CLIENT_CA_FILE signed.`])
}
