import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { certificateIn, DAY, keyIn, newFolder, snapshot } from './helper.ts'

const start = new Date('2026-03-01T12:00:00Z')
const after = (days: number) => new Date(start.getTime() + days * DAY)
const hostName = 'laptop'

test('the server certificate is renewed when less than 30 days are left, with the same key, and the authority stays', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName, now: start })
  const before = snapshot(directory)
  const early = await ensureLocalCertificates({ directory, hostName, now: after(366) })
  assert.equal(early.server.made, undefined)
  assert.deepEqual(snapshot(directory), before)

  const renewed = await ensureLocalCertificates({ directory, hostName, now: after(368) })
  assert.equal(renewed.server.made, 'server.crt had less than 30 days left')
  assert.equal(renewed.authority.made, undefined)
  const changed = snapshot(directory).filter((file, index) => file.text !== before[index]?.text).map((file) => file.name)
  assert.deepEqual(changed, ['server.crt'])
  assert.ok(renewed.server.certificate.verify(renewed.authority.certificate.publicKey))
  assert.equal(Date.parse(renewed.server.certificate.validTo), after(368 + 397).getTime() - 3_600_000)
})

test('an expired certificate is renewed', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName, now: start })
  const renewed = await ensureLocalCertificates({ directory, hostName, now: after(500) })
  assert.equal(renewed.server.made, 'server.crt had expired')
  assert.equal(renewed.authority.made, undefined)
})

test('certificates from the future, made when the clock was wrong, are made again', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName, now: after(1000) })
  const renewed = await ensureLocalCertificates({ directory, hostName, now: start })
  assert.equal(renewed.authority.made, 'ca.crt was not valid yet')
  assert.equal(renewed.server.made, 'server.crt was not valid yet')
})

test('the server certificate never outlives the authority', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName, now: start })
  const late = await ensureLocalCertificates({ directory, hostName, now: after(3500) })
  assert.equal(late.authority.made, undefined)
  assert.equal(late.server.certificate.validTo, late.authority.certificate.validTo)
})

test('the authority is renewed when less than 30 days are left, and keeps its name and key', async (t) => {
  const directory = newFolder(t)
  const first = await ensureLocalCertificates({ directory, hostName, now: start })
  const key = keyIn(directory, 'ca')
  const renewed = await ensureLocalCertificates({ directory, hostName, now: after(3625) })
  assert.equal(renewed.authority.made, 'ca.crt had less than 30 days left')
  assert.equal(renewed.authority.certificate.subject, first.authority.certificate.subject)
  assert.notEqual(renewed.authority.certificate.serialNumber, first.authority.certificate.serialNumber)
  assert.ok(keyIn(directory, 'ca').equals(key))
  assert.ok(renewed.server.certificate.verify(renewed.authority.certificate.publicKey))
})

test('another host name gets a new server certificate; the same one in capitals does not', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName: 'laptop' })
  assert.equal((await ensureLocalCertificates({ directory, hostName: 'LAPTOP' })).server.made, undefined)
  const renamed = await ensureLocalCertificates({ directory, hostName: 'desk.example' })
  assert.equal(renamed.server.made, 'the names of this machine had changed')
  assert.equal(renamed.authority.made, undefined)
  assert.equal(certificateIn(directory, 'server').checkHost('desk.example'), 'desk.example')
  assert.equal(certificateIn(directory, 'server').checkHost('laptop'), undefined)
  const nameless = await ensureLocalCertificates({ directory, hostName: 'no_dns_name' })
  assert.deepEqual(nameless.server.names.dns, ['localhost'])
  assert.equal(nameless.server.made, 'the names of this machine had changed')
})
