import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CertsError } from './errors.ts'

/** Sizes of an RSA key in bits, for what does not know elliptic curves. */
export const rsaSizes = [2048, 3072, 4096] as const
export type RsaSize = typeof rsaSizes[number]

/** The curves that browsers know, by OpenSSL's names, each with the hash of its strength. */
const curves = new Map([
  ['prime256v1', { namedCurve: 'P-256', hash: 'SHA-256' }],
  ['secp384r1', { namedCurve: 'P-384', hash: 'SHA-384' }],
  ['secp521r1', { namedCurve: 'P-521', hash: 'SHA-512' }]
])

export const goodKeys = 'RSA from 2048 to 8192 bits, or ECDSA on P-256, P-384 or P-521'

/** @returns a new private key, ECDSA P-256 unless an RSA size is given */
export function newKey (rsa?: RsaSize): KeyObject {
  if (rsa !== undefined) return generateKeyPairSync('rsa', { modulusLength: rsa }).privateKey
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** @throws CertsError unless the text is undefined or one of {@link rsaSizes} */
export function checkRsaSize (text: string | undefined): RsaSize | undefined {
  if (text === undefined) return undefined
  const size = rsaSizes.find((bits) => String(bits) === text)
  if (size === undefined) throw new CertsError(`--rsa takes 2048, 3072 or 4096, not '${text}'.`)
  return size
}

/** @returns the key as PKCS#8 PEM, not encrypted */
export function toPem (key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @returns a SubjectPublicKeyInfo of a private or public key, in DER */
export function spki (key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ type: 'spki', format: 'der' })
}

/** Whether the two hold the same public key. */
export function sameKey (one: KeyObject, other: KeyObject): boolean {
  return spki(one).equals(spki(other))
}

/** @returns undefined for a key that clients accept; else what it is, as "an RSA key of 1024 bits" */
export function weakness (key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = '', publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec': return curves.has(namedCurve) ? undefined : `a key on the curve ${namedCurve || 'of its own'}`
    case 'rsa':
      if (publicExponent < 65537n) return `an RSA key with the exponent ${publicExponent}`
      return modulusLength >= 2048 && modulusLength <= 8192 ? undefined : `an RSA key of ${modulusLength} bits`
    default: return `a key of the kind ${key.asymmetricKeyType}`
  }
}

/** @returns "P-256" or "RSA 3072": what the key is, for people */
export function describeKey (key: KeyObject): string {
  const { modulusLength, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  return curves.get(namedCurve)?.namedCurve ?? `RSA ${modulusLength}`
}

/**
 * Reads a private key that needs no passphrase.
 *
 * @throws CertsError that names the file when it is none
 */
export function parsePrivateKey (text: string, path: string): KeyObject {
  if (isEncrypted(text)) throw new CertsError(`${path} is protected by a passphrase, which only ca.key may be.`)
  try {
    return createPrivateKey(text)
  } catch {
    throw new CertsError(`${path} is no readable private key.`)
  }
}

/** PKCS#8's own encryption, or OpenSSL's older one. */
export function isEncrypted (pem: string): boolean {
  return /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(pem)
}

/** @returns how the key signs, as Web Cryptography and @peculiar/x509 take it */
export function signingAlgorithm (key: KeyObject) {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const curve = curves.get(key.asymmetricKeyDetails?.namedCurve ?? '')
  if (!curve) throw new Error('not a key that signs here')
  return { name: 'ECDSA', ...curve }
}

export async function toSigningKey (key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), signingAlgorithm(key), false, ['sign'])
}

/** @returns what makes and checks signatures of the key in @peculiar/x509 */
export async function toKeyPair (key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  return {
    privateKey: await toSigningKey(key),
    publicKey: await webcrypto.subtle.importKey('spki', spki(key), signingAlgorithm(key), true, ['verify'])
  }
}
