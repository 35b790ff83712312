import assert from 'node:assert/strict'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { certificateIn, DAY, FILES, keyIn, newFolder, snapshot } from './helper.ts'

const posix = { skip: process.platform === 'win32' && 'Windows has no file modes' }

test('a first run makes an authority and a server certificate that it signed', async (t) => {
  const directory = newFolder(t)
  const made = await ensureLocalCertificates({ directory, hostName: 'laptop' })
  assert.deepEqual(readdirSync(directory).sort(), FILES)
  const [ca, server] = [certificateIn(directory, 'ca'), certificateIn(directory, 'server')]
  assert.ok(ca.checkPrivateKey(keyIn(directory, 'ca')))
  assert.ok(server.checkPrivateKey(keyIn(directory, 'server')))
  assert.ok(server.checkIssued(ca) && server.verify(ca.publicKey))
  assert.equal(made.authority.certificate.fingerprint256, ca.fingerprint256)
  assert.equal(made.server.certificate.fingerprint256, server.fingerprint256)
  assert.equal(made.authority.made, 'there was none')
  assert.equal(made.server.made, 'there was none')
})

test('the folder and everything in it are their owner\'s alone, whatever the umask', posix, async (t) => {
  const directory = newFolder(t)
  const before = process.umask(0)
  try {
    await ensureLocalCertificates({ directory })
  } finally {
    process.umask(before)
  }
  assert.equal(statSync(directory).mode & 0o777, 0o700)
  for (const file of FILES) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
})

test('a second run changes nothing', async (t) => {
  const directory = newFolder(t)
  const now = new Date()
  const hostName = 'laptop'
  await ensureLocalCertificates({ directory, hostName, now })
  const before = snapshot(directory)
  const second = await ensureLocalCertificates({ directory, hostName, now: new Date(now.getTime() + 300 * DAY) })
  assert.deepEqual(snapshot(directory), before)
  assert.equal(second.authority.made, undefined)
  assert.equal(second.server.made, undefined)
  assert.deepEqual(second.tightened, [])
})

test('access that others got meanwhile is taken away, and the certificates stay', posix, async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory })
  const before = snapshot(directory)
  const key = join(directory, 'server.key')
  chmodSync(directory, 0o755)
  chmodSync(key, 0o644)
  const second = await ensureLocalCertificates({ directory })
  assert.deepEqual(second.tightened, [directory, key])
  assert.equal(second.server.made, undefined)
  assert.deepEqual(snapshot(directory), before)
  assert.equal(statSync(directory).mode & 0o777, 0o700)
})

test('two authorities have different names, keys and serials', async (t) => {
  const [one, other] = await Promise.all([newFolder(t), newFolder(t)].map((directory) => ensureLocalCertificates({ directory })))
  assert.ok(one && other)
  assert.match(one.authority.certificate.subject, /^CN=model-edge local CA [0-9a-f]{8}$/)
  assert.notEqual(one.authority.certificate.subject, other.authority.certificate.subject)
  const serials = [one, other].flatMap(({ authority, server }) => [authority, server]).map(({ certificate }) => certificate.serialNumber)
  assert.equal(new Set(serials).size, 4)
})
