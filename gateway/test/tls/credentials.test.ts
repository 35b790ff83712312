import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadCredentials } from '../../src/tls/credentials.ts'
import { makeCertificate, temporaryFolder, writeCertificate } from '../credentials.ts'

const day = 24 * 60 * 60 * 1000

function problems (certFile: string, keyFile: string): string[] {
  try {
    loadCredentials(certFile, keyFile)
  } catch (error) {
    return (error as { mistakes: string[] }).mistakes
  }
  return []
}

test('a certificate with its key is taken', async (t) => {
  const made = await makeCertificate()
  const { certFile, keyFile } = writeCertificate(temporaryFolder(t), made)
  const { cert, key, expires } = loadCredentials(certFile, keyFile)
  assert.equal(cert, made.cert)
  assert.equal(key, made.key)
  assert.ok(expires.getTime() > Date.now() + 29 * day)
})

test('missing files are told by variable and path, both at once', () => {
  const [cert, key] = problems('/nowhere/a.crt', '/nowhere/a.key')
  assert.match(cert!, /^TLS_CERT_FILE \(\/nowhere\/a\.crt\) is not there\./)
  assert.match(key!, /^TLS_KEY_FILE \(\/nowhere\/a\.key\) is not there\./)
})

test('a key of another certificate is refused', async (t) => {
  const [{ cert }, { key }] = [await makeCertificate(), await makeCertificate()]
  const { certFile, keyFile } = writeCertificate(temporaryFolder(t), { cert, key })
  assert.match(problems(certFile, keyFile)[0]!, /^TLS_KEY_FILE \(.*\) is not the key of TLS_CERT_FILE/)
})

test('an expired and a not yet valid certificate are refused with the date', async (t) => {
  const folder = temporaryFolder(t)
  const yesterday = { from: new Date(Date.now() - 3 * day), to: new Date(Date.now() - day) }
  const expired = writeCertificate(folder, await makeCertificate(yesterday))
  assert.match(problems(expired.certFile, expired.keyFile)[0]!, /expired on \d{4}-\d\d-\d\dT/)
  const early = writeCertificate(folder, await makeCertificate({ from: new Date(Date.now() + day), to: new Date(Date.now() + 3 * day) }))
  assert.match(problems(early.certFile, early.keyFile)[0]!, /is not valid before \d{4}-\d\d-\d\dT/)
})

test('files that are exchanged, cut short or no PEM are refused', async (t) => {
  const made = await makeCertificate()
  const { certFile, keyFile } = writeCertificate(temporaryFolder(t), made)
  const swapped = problems(keyFile, certFile)
  assert.match(swapped[0]!, /^TLS_CERT_FILE .* is not a PEM certificate\./)
  assert.match(swapped[1]!, /^TLS_KEY_FILE .* is not a PEM private key/)
  writeFileSync(certFile, made.cert.slice(0, 200))
  assert.match(problems(certFile, keyFile)[0]!, /is not a PEM certificate/)
  rmSync(keyFile)
  assert.equal(problems(certFile, keyFile).length, 2)
})
