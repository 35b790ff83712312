import type { KeyObject } from 'node:crypto'
import { OctetString } from 'asn1js'
import { EncryptedData, PKCS8ShroudedKeyBag } from 'pkijs'
import { pem } from './pem.ts'

/**
 * What OWASP asks of PBKDF2-HMAC-SHA256 since 2023. node:crypto's own encryption of keys stays at OpenSSL's default of 2048,
 * which a graphics card tries by the million a second.
 */
export const ITERATIONS = 600_000

/** Encrypts by PBES2 (RFC 8018): AES-256-CBC under PBKDF2-HMAC-SHA256, with a salt of its own. */
export async function encrypt (content: Buffer, passphrase: string): Promise<EncryptedData> {
  const data = new EncryptedData()
  await data.encrypt({
    password: exactly(Buffer.from(passphrase, 'utf8')),
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: ITERATIONS,
    contentToEncrypt: exactly(content)
  })
  // pkijs cuts it into pieces of 1024 octets, which is BER; not every reader takes that, and PEM is DER.
  const info = data.encryptedContentInfo
  info.encryptedContent = new OctetString({ valueHex: info.encryptedContent!.getValue() })
  return data
}

/** @returns the key as EncryptedPrivateKeyInfo (RFC 5958), which is also what a bundle holds */
export async function shroud (key: KeyObject, passphrase: string): Promise<PKCS8ShroudedKeyBag> {
  const { encryptedContentInfo } = await encrypt(key.export({ type: 'pkcs8', format: 'der' }), passphrase)
  return new PKCS8ShroudedKeyBag({
    encryptionAlgorithm: encryptedContentInfo.contentEncryptionAlgorithm,
    encryptedData: encryptedContentInfo.encryptedContent
  })
}

/** @returns PKCS#8 PEM that only the passphrase opens */
export async function toEncryptedPem (key: KeyObject, passphrase: string): Promise<string> {
  return pem('ENCRYPTED PRIVATE KEY', Buffer.from((await shroud(key, passphrase)).toSchema().toBER()))
}

/** @returns the buffer's octets alone: Node's small buffers share a larger ArrayBuffer, of which pkijs would take the whole */
export function exactly (buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer
}
