import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import type { JsonGeneralName } from '@peculiar/x509'
import { CertsError } from './errors.ts'
import { goodKeys, signingAlgorithm, toKeyPair, weakness } from './keys.ts'

/** What a request asks for. All but the key is only a wish, told to the one who signs. */
export interface Request {
  publicKey: KeyObject
  /** the subject's common name, when it has just one */
  commonName?: string
  /** alternative names as `TYPE:VALUE` */
  alternativeNames: string[]
}

/** A request for a certificate (PKCS#10): it tells the public key and proves that its maker has the private one. */
export async function makeRequest (key: KeyObject, commonName: string, names: JsonGeneralName[]): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys: await toKeyPair(key),
    signingAlgorithm: signingAlgorithm(key),
    extensions: names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []
  })
  return `${request.toString('pem')}\n`
}

/**
 * Reads a request (PEM) and checks that it was signed with the key that it is for.
 *
 * @param path as messages show it
 * @throws CertsError when it is unreadable, its signature is wrong, or its key is weak
 */
export async function readRequest (text: string, path: string): Promise<Request> {
  const request = parse(text)
  const publicKey = request && publicKeyOf(request)
  if (!request || !publicKey) throw new CertsError(`${path} is no readable certificate request (PEM).`)
  const weak = weakness(publicKey)
  if (weak !== undefined) throw new CertsError(`${path} is for ${weak}; a certificate takes ${goodKeys}.`)
  if (!await isSigned(request)) throw new CertsError(`${path} was not signed with its own key: it is damaged, or not its sender's.`)
  const commonNames = request.subjectName.getField('CN')
  return {
    publicKey,
    commonName: commonNames.length === 1 ? commonNames[0] : undefined,
    alternativeNames: alternativeNames(request)
  }
}

function parse (text: string): Pkcs10CertificateRequest | undefined {
  if (!/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(text)) return undefined
  try {
    const request = new Pkcs10CertificateRequest(text.replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST'))
    // Both are read when they are asked for.
    void [request.subjectName, alternativeNames(request)]
    return request
  } catch {
    return undefined
  }
}

function publicKeyOf (request: Pkcs10CertificateRequest): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** SHA-1 and what else Web Cryptography knows and nobody should use is no proof. */
async function isSigned (request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return /^SHA-(256|384|512)$/.test(request.signatureAlgorithm.hash.name) && await request.verify()
  } catch {
    return false
  }
}

function alternativeNames (request: Pkcs10CertificateRequest): string[] {
  return [...request.extensions]
    .filter((extension): extension is SubjectAlternativeNameExtension => extension instanceof SubjectAlternativeNameExtension)
    .flatMap(({ names }) => names.toJSON().map(({ type, value }) => `${type}:${value}`))
}
