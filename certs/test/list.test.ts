import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openAuthority } from '../src/authority.ts'
import { processIo } from '../src/io.ts'
import { makePair } from '../src/issuing.ts'
import { placeOf } from '../src/layout.ts'
import { clientProfile } from '../src/profiles.ts'
import { writeRevocations } from '../src/revocations.ts'
import { certificateIn, certs, DAY, newFolder, newStore } from './helper.ts'

const rows = async (directory: string) => JSON.parse((await certs(['list', '--json', '--dir', directory])).lines.join('\n'))
const statuses = async (directory: string) => (await rows(directory)).map(({ name, status }: Record<string, string>) => [name, status])
const serial = (directory: string, name: string) => certificateIn(directory, name).serialNumber.toLowerCase()

const openDev = (directory: string, now: Date) => openAuthority(directory, { variable: 'NONE', io: processIo }, now)

test('--json tells name, serial, kind, expiry and status of each', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const expires = (name: string) => new Date(certificateIn(directory, name).validTo).toISOString()
  assert.deepEqual(await rows(directory), [
    { name: 'alice', serial: serial(directory, 'clients/alice'), kind: 'client', expires: expires('clients/alice'), status: 'valid', revoked: null },
    { name: 'server', serial: serial(directory, 'server'), kind: 'server', expires: expires('server'), status: 'valid', revoked: null }
  ])
})

test('the status: valid, expiring, expired, revoked, not yet valid', async (t) => {
  const before = new Date(Date.now() - 400 * DAY)
  const directory = await newStore(t, before)
  const [past, future] = [before, new Date(Date.now() + DAY)]
  for (const [name, when] of [['old', past], ['tomorrow', future]] as const) {
    const authority = await openDev(directory, when)
    await makePair(authority, placeOf(directory, 'client', name), clientProfile(name, { email: [], dns: [] }), {}, when)
  }
  await certs(['client', 'soon', '--days', '29', '--dir', directory])
  await certs(['client', 'valid', '--days', '31', '--dir', directory])
  await certs(['client', 'stolen', '--dir', directory])
  await certs(['revoke', 'stolen', '--dir', directory])
  assert.deepEqual(await statuses(directory), [
    ['old', 'expired'], ['server', 'expired'], ['soon', 'expiring'], ['stolen', 'revoked'], ['tomorrow', 'not yet valid'], ['valid', 'valid']
  ])
})

test('the table has one line each, in columns', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'José Müller', '--dir', directory])
  const { lines } = await certs(['list', '--dir', directory])
  assert.match(lines[0] ?? '', /^NAME {9}KIND {4}EXPIRES {5}STATUS {2}SERIAL$/)
  assert.match(lines[1] ?? '', /^José Müller {2}client {2}\d{4}-\d\d-\d\d {2}valid {3}[0-9a-f]{32}$/)
  assert.match(lines[2] ?? '', /^server {7}server {2}\d{4}-\d\d-\d\d {2}valid {3}[0-9a-f]{32}$/)
  assert.equal(lines.length, 3)
})

test('what was replaced or deleted is still listed, and nothing twice', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  await certs(['client', 'alice', '--force', '--dir', directory])
  for (const file of ['alice.crt', 'alice.key']) rmSync(join(directory, 'clients', file))
  await certs(['client', 'alice', '--dir', directory])
  assert.deepEqual((await statuses(directory)).map(([name]: string[]) => name), ['alice', 'alice', 'alice', 'server'])
})

test('only this authority\'s certificates are listed; other files do not matter', async (t) => {
  const [directory, other] = [await newStore(t), await newStore(t)]
  await certs(['client', 'alice', '--dir', directory])
  await certs(['client', 'mallory', '--dir', other])
  writeFileSync(join(directory, 'clients', 'mallory.crt'), certificateIn(other, 'clients/mallory').toString())
  writeFileSync(join(directory, 'clients', 'broken.crt'), 'rubbish')
  writeFileSync(join(directory, 'issued', 'notes.txt'), 'mine')
  assert.deepEqual((await statuses(directory)).map(([name]: string[]) => name), ['alice', 'server'])
})

test('an authority that has signed nothing, and a folder without one', async (t) => {
  const directory = await newStore(t)
  rmSync(join(directory, 'server.crt'))
  assert.deepEqual((await certs(['list', '--dir', directory])).lines, ['The authority has signed nothing yet.'])
  assert.deepEqual(await rows(directory), [])
  assert.match((await certs(['list', '--dir', newFolder(t)])).refusal ?? '', /^There is no authority in .*: certs ca makes one, certs dev/)
})

test('a revocation list that is out of date is told, and one that is not the authority\'s is refused', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const authority = await openDev(directory, new Date())
  await writeRevocations(authority, { number: 1n, entries: [] }, 1, new Date(Date.now() - 2 * DAY))
  assert.match((await certs(['list', '--dir', directory])).warnings.join(), /^ca\.crl is out of date/)
  const other = await openDev(await newStore(t), new Date())
  await writeRevocations({ ...other, directory }, { number: 1n, entries: [] }, 1, new Date())
  assert.match((await certs(['list', '--dir', directory])).refusal ?? '', /ca\.crl was not signed by ca\.crt/)
  writeFileSync(join(directory, 'ca.crl'), 'rubbish')
  assert.match((await certs(['list', '--dir', directory])).refusal ?? '', /ca\.crl is no readable revocation list/)
})
