import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromBER } from 'asn1js'
import { PBES2Params, PBKDF2Params, PKCS8ShroudedKeyBag } from 'pkijs'
import { newKey, toPem } from '../src/keys.ts'
import { certificateIn, certs, DAY, newFolder, snapshot } from './helper.ts'

const env = { CERTS_PASSPHRASE: 'correct horse' }
const keyText = (directory: string) => readFileSync(join(directory, 'ca.key'), 'utf8')
const keyOf = (directory: string) => createPrivateKey({ key: keyText(directory), passphrase: env.CERTS_PASSPHRASE })

test('an authority for its owner alone: certificate, encrypted key, empty revocation list', async (t) => {
  const directory = newFolder(t)
  const { lines, warnings } = await certs(['ca', '--dir', directory, '--name', 'Öhm CA', '--days', '100'], { env })
  const certificate = certificateIn(directory, 'ca')
  assert.match(lines.join('\n'), /^Made the authority "Öhm CA", valid until \d{4}-\d\d-\d\d: .*ca\.crt, .*ca\.key, .*ca\.crl\.$/)
  assert.deepEqual(warnings, [])
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 100 * DAY)
  assert.ok(certificate.ca && certificate.verify(certificate.publicKey) && certificate.checkPrivateKey(keyOf(directory)))
  assert.throws(() => createPrivateKey(keyText(directory)))
  assert.throws(() => createPrivateKey({ key: keyText(directory), passphrase: 'another one' }))
  if (process.platform === 'win32') return
  for (const file of ['ca.crt', 'ca.key', 'ca.crl']) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600)
  assert.equal(statSync(directory).mode & 0o777, 0o700)
})

test('the key is under PBES2: AES-256-CBC, PBKDF2-HMAC-SHA256, 600,000 iterations, in DER', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory, '--rsa', '3072'], { env })
  const der = Buffer.from(keyText(directory).replaceAll(/-----.*-----|\s/g, ''), 'base64')
  const { encryptionAlgorithm, encryptedData } = new PKCS8ShroudedKeyBag({ schema: fromBER(der).result })
  assert.equal(encryptionAlgorithm.algorithmId, '1.2.840.113549.1.5.13')
  const parameters = new PBES2Params({ schema: encryptionAlgorithm.algorithmParams })
  const derivation = new PBKDF2Params({ schema: parameters.keyDerivationFunc.algorithmParams })
  assert.equal(parameters.encryptionScheme.algorithmId, '2.16.840.1.101.3.4.1.42')
  assert.equal(derivation.prf?.algorithmId, '1.2.840.113549.2.9')
  assert.equal(derivation.iterationCount, 600_000)
  assert.equal(encryptedData.idBlock.isConstructed, false)
})

test('an RSA authority signs as well', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory, '--rsa', '2048'], { env })
  assert.equal(keyOf(directory).asymmetricKeyDetails?.modulusLength, 2048)
  assert.equal((await certs(['client', 'alice', '--dir', directory], { env })).refusal, undefined)
  assert.ok(certificateIn(directory, 'clients/alice').verify(certificateIn(directory, 'ca').publicKey))
})

test('an authority that is there stays, byte for byte, unless --force', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory], { env })
  const [before, { fingerprint256 }] = [snapshot(directory), certificateIn(directory, 'ca')]
  assert.match((await certs(['ca', '--dir', directory], { env })).refusal ?? '', /ca\.crt is there already; --force replaces it\.$/)
  assert.deepEqual(snapshot(directory), before)
  assert.equal((await certs(['ca', '--dir', directory, '--force'], { env })).refusal, undefined)
  assert.notEqual(certificateIn(directory, 'ca').fingerprint256, fingerprint256)
  assert.equal((await certs(['client', 'alice', '--dir', directory], { env })).refusal, undefined)
})

test('a key that an interrupted run left is used, with its passphrase only', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory], { env })
  const key = keyText(directory)
  for (const file of ['ca.crt', 'ca.crl']) rmSync(join(directory, file))
  assert.match((await certs(['ca', '--dir', directory], { env: { CERTS_PASSPHRASE: 'another one' } })).refusal ?? '', /^The passphrase does not open .*ca\.key\.$/)
  assert.match((await certs(['ca', '--dir', directory, '--rsa', '2048'], { env })).refusal ?? '', /ca\.key is there already \(P-256\)/)
  assert.deepEqual(readdirSync(directory).filter((name) => name.startsWith('ca.')), ['ca.key'])
  assert.equal((await certs(['ca', '--dir', directory], { env })).refusal, undefined)
  assert.equal(keyText(directory), key)
  assert.ok(certificateIn(directory, 'ca').checkPrivateKey(keyOf(directory)))
})

test('a key without a passphrase is nobody\'s leftover: refused', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory], { env })
  rmSync(join(directory, 'ca.crt'))
  writeFileSync(join(directory, 'ca.key'), toPem(newKey()))
  assert.match((await certs(['ca', '--dir', directory], { env })).refusal ?? '', /ca\.key is there already; --force/)
})

test('bad options: one sentence', async (t) => {
  for (const [args, sentence] of [
    [['--days', '0'], "--days takes a whole number from 1 to 10950, not '0'."],
    [['--days', '1e3'], "--days takes a whole number from 1 to 10950, not '1e3'."],
    [['--rsa', '1024'], "--rsa takes 2048, 3072 or 4096, not '1024'."],
    [['--name', 'a/b'], /^'a\/b' is no name/],
    [['x'], "Unexpected argument 'x'; see certs ca --help."]
  ] as const) {
    const { refusal } = await certs(['ca', '--dir', newFolder(t), ...args], { env })
    if (typeof sentence === 'string') assert.equal(refusal, sentence)
    else assert.match(refusal ?? '', sentence)
  }
})
