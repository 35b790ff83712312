import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { ClientCertificateRequired } from '../errors.ts'
import type { ClientAuthority } from './client-authority.ts'

/** Who a verified client certificate says the client is. */
export interface ClientIdentity {
  commonName: string
  /** As Node writes them: `DNS:a, email:b`. */
  subjectAltName: string
  /** Hexadecimal digits. */
  serial: string
  /** SHA-256 of the certificate, hexadecimal digits. */
  fingerprint: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's, when it came with a certificate that is believed now. */
    clientIdentity: ClientIdentity | undefined
  }
}

/** What a connection's certificate is, and what was last thought of it. */
interface Presented {
  identity: ClientIdentity
  chain: X509Certificate[]
  checkedBy: ClientAuthority
  checkedAt: number
  objection: string | undefined
}

/** On the connection itself: HTTP/2 hands out a stand-in for it, which passes properties on. */
const presented = Symbol('client certificate')
type Connection = TLSSocket & { [presented]?: Presented | null }

// An open connection's certificate may expire, or its revocation list, without anything else changing.
const checkAgainAfter = 10_000

type Mode = Config['CLIENT_AUTH']

interface ClientCertificateOptions {
  mode: Mode
  /** The authority in use now; there is one unless the mode is off. */
  authority: (() => ClientAuthority | undefined) | undefined
}

/** Finds out whose certificate a request's connection came with; before the rate limit, which goes by it. */
async function clientCertificatePlugin (app: FastifyInstance, { mode, authority }: ClientCertificateOptions): Promise<void> {
  app.decorateRequest('clientIdentity', undefined)
  if (mode === 'off') return
  app.addHook('onRequest', (request, _reply, done) => {
    request.clientIdentity = identityOf(request.raw.socket as Connection, authority!()!)
    done()
  })
}

export const clientCertificate = fp(clientCertificatePlugin, { name: 'client-certificate' })

interface RequireCertificateOptions {
  mode: Mode
  /** Paths that need none, where one is optional. */
  exempt: string[]
}

/** Refuses requests without a believed certificate, but for the exempt paths; behind the rate limit, which counts them. */
async function requireCertificatePlugin (app: FastifyInstance, { mode, exempt }: RequireCertificateOptions): Promise<void> {
  if (mode === 'off') return
  const exemptPaths = new Set(mode === 'optional' ? exempt : [])
  app.addHook('onRequest', ({ clientIdentity, raw }, _reply, done) => {
    const allowed = clientIdentity !== undefined || exemptPaths.has(raw.url!.split('?', 1)[0]!)
    done(allowed ? undefined : new ClientCertificateRequired())
  })
}

export const requireCertificate = fp(requireCertificatePlugin, { name: 'require-certificate', dependencies: ['client-certificate'] })

function identityOf (connection: Connection, authority: ClientAuthority): ClientIdentity | undefined {
  let known = connection[presented]
  if (known === undefined) {
    known = read(connection, authority)
    connection[presented] = known
  }
  if (known === null) return undefined
  const now = Date.now()
  if (known.checkedBy !== authority || now - known.checkedAt > checkAgainAfter) {
    known.objection = authority.objection(known.chain)
    known.checkedBy = authority
    known.checkedAt = now
  }
  return known.objection === undefined ? known.identity : undefined
}

/**
 * The certificate that the handshake verified, or none. `authorized` alone is not enough: Node says it too of a resumed session
 * that never had a certificate (nodejs/node#35317).
 */
function read (connection: Connection, authority: ClientAuthority): Presented | null {
  const peer = connection.getPeerCertificate(true)
  if (!connection.authorized || peer.raw === undefined) return null
  const chain = chainOf(peer)
  const [{ serialNumber, fingerprint256 }] = chain as [X509Certificate]
  const { CN } = peer.subject as { CN?: string | string[] }
  const identity = {
    commonName: [CN ?? []].flat().join(','),
    subjectAltName: peer.subjectaltname ?? '',
    serial: serialNumber,
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase()
  }
  // Checked at once by our own eyes too: it costs one signature a connection.
  return { identity, chain, checkedBy: authority, checkedAt: Date.now(), objection: authority.objection(chain) }
}

function chainOf (leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  let next: DetailedPeerCertificate | undefined = leaf
  // The last one, when it signed itself, is its own issuer.
  while (next?.raw !== undefined && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256)
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate
  }
  return chain
}

/** What the upstream is told of the client. Whatever is not visible ASCII is percent-encoded, as is the percent sign. */
export function identityHeaders ({ commonName, subjectAltName, serial, fingerprint }: ClientIdentity): Record<string, string> {
  return {
    'x-client-cert-subject-cn': visible(commonName),
    'x-client-cert-san': visible(subjectAltName),
    'x-client-cert-serial': serial,
    'x-client-cert-fingerprint': fingerprint
  }
}

function visible (text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/g, (part) => Buffer.from(part).toString('hex').replace(/../g, '%$&').toUpperCase())
}
