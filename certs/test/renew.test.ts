import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificateIn, certs, DAY, keyIn, newFolder, newStore, snapshot } from './helper.ts'

const serial = (directory: string, name: string) => certificateIn(directory, name).serialNumber.toLowerCase()

test('a renewed certificate has the same names and key, another serial and a later end', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--email', 'a@example.com', '--dns', 'a.example', '--days', '5', '--dir', directory])
  const [former, key] = [certificateIn(directory, 'clients/alice'), readFileSync(join(directory, 'clients/alice.key'), 'utf8')]
  const { lines, refusal } = await certs(['renew', 'alice', '--dir', directory])
  assert.equal(refusal, undefined)
  const renewed = certificateIn(directory, 'clients/alice')
  assert.equal(readFileSync(join(directory, 'clients/alice.key'), 'utf8'), key)
  assert.ok(renewed.publicKey.equals(former.publicKey))
  assert.deepEqual([renewed.subject, renewed.keyUsage], [former.subject, former.keyUsage])
  assert.deepEqual(renewed.subjectAltName?.split(', ').sort(), former.subjectAltName?.split(', ').sort())
  assert.notEqual(renewed.serialNumber, former.serialNumber)
  assert.equal(Date.parse(renewed.validTo) - Date.parse(renewed.validFrom), 365 * DAY)
  assert.ok(lines.some((line) => line.endsWith(`to end that: certs revoke ${former.serialNumber.toLowerCase()}`)))
})

test('--new-key makes one of the same kind, or of the one that is asked for', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--rsa', '2048', '--dir', directory])
  const former = certificateIn(directory, 'clients/alice')
  await certs(['renew', 'alice', '--new-key', '--days', '7', '--dir', directory])
  const [renewed, key] = [certificateIn(directory, 'clients/alice'), keyIn(directory, 'clients/alice')]
  assert.ok(renewed.checkPrivateKey(key) && !renewed.publicKey.equals(former.publicKey))
  assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048)
  assert.equal(Date.parse(renewed.validTo) - Date.parse(renewed.validFrom), 7 * DAY)
})

test('a server keeps its names and addresses', async (t) => {
  const directory = await newStore(t)
  await certs(['server', '--host', '*.example.com', '--host', '10.0.0.1', '--host', '::1', '--name', 'web', '--dir', directory])
  const { subjectAltName, subject } = certificateIn(directory, 'servers/web')
  assert.equal((await certs(['renew', 'web', '--dir', directory])).refusal, undefined)
  assert.deepEqual([certificateIn(directory, 'servers/web').subjectAltName, certificateIn(directory, 'servers/web').subject], [subjectAltName, subject])
  assert.equal((await certs(['renew', 'server', '--dir', directory])).refusal, undefined)
  assert.ok(certificateIn(directory, 'server').checkPrivateKey(keyIn(directory, 'server')))
})

test('a key that is not here is certified again, but not replaced', async (t) => {
  const [directory, mine] = [await newStore(t), newFolder(t)]
  await certs(['csr', 'alice', '--dir', mine])
  await certs(['sign', join(mine, 'clients/alice.csr'), '--dir', directory])
  const former = serial(directory, 'clients/alice')
  assert.equal((await certs(['renew', 'alice', '--dir', directory])).refusal, undefined)
  assert.notEqual(serial(directory, 'clients/alice'), former)
  assert.ok(certificateIn(directory, 'clients/alice').checkPrivateKey(keyIn(mine, 'clients/alice')))
  assert.match((await certs(['renew', 'alice', '--new-key', '--dir', directory])).refusal ?? '', /^The key of 'alice' is not here/)
})

test('what is revoked is not renewed', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  await certs(['revoke', 'alice', '--dir', directory])
  const before = snapshot(directory)
  for (const args of [[], ['--new-key']]) {
    assert.match((await certs(['renew', 'alice', ...args, '--dir', directory])).refusal ?? '', /^The certificate of 'alice' is revoked and is not renewed/)
  }
  assert.deepEqual(snapshot(directory), before)
})

test('a key that an interrupted renewal left is certified by the next one, with all names', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--email', 'a@example.com', '--dir', directory])
  await certs(['client', 'bob', '--dir', directory])
  copyFileSync(join(directory, 'clients/bob.key'), join(directory, 'clients/alice.key'))
  assert.match((await certs(['renew', 'alice', '--dir', directory])).refusal ?? '', /alice\.key does not belong to .*alice\.crt/)
  rmSync(join(directory, 'clients/alice.crt'))
  assert.equal((await certs(['renew', 'alice', '--dir', directory])).refusal, undefined)
  const certificate = certificateIn(directory, 'clients/alice')
  assert.ok(certificate.checkPrivateKey(keyIn(directory, 'clients/alice')))
  assert.equal(certificate.subjectAltName, 'email:a@example.com')
})

test('bad input: one sentence', async (t) => {
  const directory = await newStore(t)
  for (const [args, sentence] of [
    [[], /^NAME is missing; see certs renew --help\.$/],
    [['nobody'], /^Nothing here has the name 'nobody'/],
    [['server', '--rsa', '2048'], /^--rsa chooses the kind of a new key: add --new-key\.$/],
    [['server', '--days', '826'], /^--days takes a whole number from 1 to 825/],
    [['server', 'extra'], /^Unexpected argument 'extra'/]
  ] as const) assert.match((await certs(['renew', ...args, '--dir', directory])).refusal ?? '', sentence)
})
