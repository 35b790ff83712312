import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { PeerCertificate } from 'node:tls'

/** What every connection of the bench uses, so that no peer has cheaper cryptography than another. */
export const tlsParameters = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', group: 'X25519', key: 'P-256' }

/** The clients allow nothing else: a client's only choice is the peer's choice. */
export const nodeTls = {
  minVersion: 'TLSv1.3' as const, ciphers: tlsParameters.cipher, ecdhCurve: tlsParameters.group
}

/** The same for programs that use OpenSSL (wrk, openssl itself), as their environment. */
export function opensslEnvironment (folder: string): Record<string, string> {
  const file = join(folder, 'openssl.cnf')
  writeFileSync(file, `openssl_conf = all
[all]
ssl_conf = applications
[applications]
system_default = only
[only]
MinProtocol = TLSv1.3
MaxProtocol = TLSv1.3
Ciphersuites = ${tlsParameters.cipher}
Groups = ${tlsParameters.group}
`)
  return { OPENSSL_CONF: file }
}

/** @throws Error unless a fresh, verified connection to the peer has exactly the parameters above */
export async function checkTls (url: string, ca: Buffer): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca, ...nodeTls })
  await once(socket, 'secureConnect')
  const { name: group } = socket.getEphemeralKeyInfo() as { name?: string }
  const certificate = socket.getPeerCertificate() as PeerCertificate & { nistCurve?: string }
  const negotiated = { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName, group, key: certificate.nistCurve }
  socket.destroy()
  if (JSON.stringify(negotiated) !== JSON.stringify(tlsParameters)) {
    throw new Error(`${url} negotiates ${JSON.stringify(negotiated)}, not ${JSON.stringify(tlsParameters)}`)
  }
}
