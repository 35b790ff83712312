import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as never)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000
const ago = (days: number) => new Date(Date.now() - days * day)

type Keys = Awaited<ReturnType<typeof newKeys>>

export interface Issued { cert: string, key: string, serial: string }

async function newKeys () {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function pem (keys: Keys): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
}

let serials = 0x70000000

/** A certificate authority for tests: what it issues and revokes, right and wrong in every way that a test wants. */
export async function makeAuthority (name = 'CN=Test clients') {
  const keys = await newKeys()
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    serialNumber: (serials++).toString(16),
    notBefore: ago(10),
    notAfter: ago(-100),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never)
    ]
  })

  /** @param usage the extended key usage: a client's unless said otherwise */
  async function issue (subject = 'CN=alice', { from = ago(1), to = ago(-30), usage = x509.ExtendedKeyUsage.clientAuth as string } = {}): Promise<Issued> {
    const leafKeys = await newKeys()
    const cert = await x509.X509CertificateGenerator.create({
      subject,
      issuer: own.subject,
      serialNumber: (serials++).toString(16),
      notBefore: from,
      notAfter: to,
      signingAlgorithm: algorithm,
      publicKey: leafKeys.publicKey as never,
      signingKey: keys.privateKey as never,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.SubjectAlternativeNameExtension([{ type: 'email', value: 'alice@example.org' }]),
        await x509.AuthorityKeyIdentifierExtension.create(own.publicKey)
      ]
    })
    return { cert: cert.toString('pem'), key: await pem(leafKeys), serial: cert.serialNumber }
  }

  async function revoke (revoked: Issued[], { from = ago(1), to = ago(-30) } = {}): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: own.subject,
      thisUpdate: from,
      nextUpdate: to,
      signingAlgorithm: algorithm,
      signingKey: keys.privateKey as never,
      entries: revoked.map(({ serial }) => ({ serialNumber: serial, revocationDate: ago(1) }))
    })
    // As OpenSSL names it, and so Node reads it.
    return x509.PemConverter.encode(list.rawData, 'X509 CRL')
  }

  return { cert: own.toString('pem'), issue, revoke }
}

export { day, ago }
