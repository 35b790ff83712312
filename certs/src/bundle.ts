import { createHash, createHmac, hash, randomBytes } from 'node:crypto'
import type { KeyObject, X509Certificate } from 'node:crypto'
import { BmpString, OctetString } from 'asn1js'
import {
  AlgorithmIdentifier, Attribute, AuthenticatedSafe, CertBag, Certificate, ContentInfo, DigestInfo, MacData, PFX, SafeBag, SafeContents
} from 'pkijs'
import { encrypt, exactly, ITERATIONS, shroud } from './encryption.ts'
import { spki } from './keys.ts'

const bags = { key: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3' }
const FRIENDLY_NAME = '1.2.840.113549.1.9.20'
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21'
const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const SHA256 = '2.16.840.1.101.3.4.2.1'

/**
 * A PKCS#12 bundle (RFC 7292): the key, its certificate and the authority's, which browsers and OpenSSL 3 import. Key and
 * certificates are encrypted by PBES2 (AES-256, PBKDF2), the whole is sealed by an HMAC-SHA256.
 *
 * @param name under which programs list it
 * @returns DER
 */
export async function makeBundle (
  name: string, key: KeyObject, certificate: X509Certificate, authority: X509Certificate, passphrase: string
): Promise<Buffer> {
  const attributes = [textAttribute(name), keyAttribute(key)]
  const keys = [new SafeBag({ bagId: bags.key, bagValue: await shroud(key, passphrase), bagAttributes: attributes })]
  const certificates = [certificateBag(certificate, attributes), certificateBag(authority)]
  const safe = new AuthenticatedSafe({
    safeContents: [
      new ContentInfo({ contentType: DATA, content: octets(contents(keys)) }),
      new ContentInfo({ contentType: ENCRYPTED_DATA, content: (await encrypt(contents(certificates), passphrase)).toSchema() })
    ]
  })
  return Buffer.from(seal(Buffer.from(safe.toSchema().toBER()), passphrase).toSchema().toBER())
}

function seal (content: Buffer, passphrase: string): PFX {
  const salt = randomBytes(16)
  return new PFX({
    version: 3,
    authSafe: new ContentInfo({ contentType: DATA, content: octets(content) }),
    macData: new MacData({
      mac: new DigestInfo({
        digestAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256 }),
        digest: octets(createHmac('sha256', macKey(passphrase, salt)).update(content).digest())
      }),
      macSalt: octets(salt),
      iterations: ITERATIONS
    })
  })
}

/**
 * The key derivation of RFC 7292, appendix B.2, for the one case needed here: SHA-256 makes a key of its own length, so a
 * single block does. pkijs has it too, asynchronously, which takes half a minute at this number of iterations; fewer would
 * make the seal the easy way to guess the passphrase that also opens the key.
 */
function macKey (passphrase: string, salt: Buffer): Buffer {
  const BLOCK = 64
  const repeated = (value: Buffer) => Buffer.alloc(Math.ceil(value.length / BLOCK) * BLOCK, value)
  const password = Buffer.from(`${passphrase}\0`, 'utf16le').swap16()
  let digest = createHash('sha256').update(Buffer.alloc(BLOCK, 3)).update(repeated(salt)).update(repeated(password)).digest()
  for (let round = 1; round < ITERATIONS; round++) digest = hash('sha256', digest, 'buffer')
  return digest
}

function certificateBag (certificate: X509Certificate, attributes: Attribute[] = []): SafeBag {
  const parsed = Certificate.fromBER(exactly(certificate.raw))
  // Left out rather than empty: a set of no attributes is no valid one for every reader.
  const bagAttributes = attributes.length > 0 ? attributes : undefined
  return new SafeBag({ bagId: bags.certificate, bagValue: new CertBag({ parsedValue: parsed }), bagAttributes })
}

function contents (safeBags: SafeBag[]): Buffer {
  return Buffer.from(new SafeContents({ safeBags }).toSchema().toBER())
}

function octets (value: Buffer): OctetString {
  return new OctetString({ valueHex: exactly(value) })
}

function textAttribute (value: string): Attribute {
  return new Attribute({ type: FRIENDLY_NAME, values: [new BmpString({ value })] })
}

/** Joins the key and its certificate. */
function keyAttribute (key: KeyObject): Attribute {
  const id = createHash('sha1').update(spki(key)).digest()
  return new Attribute({ type: LOCAL_KEY_ID, values: [octets(id)] })
}
