import 'reflect-metadata'
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AuthorityKeyIdentifierExtension, SubjectKeyIdentifierExtension, X509Certificate, X509Crl } from '@peculiar/x509'
import { certificateIn, certs, DAY, newStore, snapshot } from './helper.ts'

const list = (directory: string) => new X509Crl(readFileSync(join(directory, 'ca.crl'), 'utf8'))
const serials = (directory: string) => list(directory).entries.map(({ serialNumber }) => serialNumber).sort()
const serial = (directory: string, name: string) => certificateIn(directory, name).serialNumber.toLowerCase()
const number = (lines: string[]) => Number(/is number (\d+)/.exec(lines.join('\n'))?.[1])

test('a name: the list names its certificate, is signed by the authority, and due in 30 days', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const { lines } = await certs(['revoke', 'alice', '--reason', 'keyCompromise', '--dir', directory])
  assert.equal(lines[0], `Revoked alice, serial ${serial(directory, 'clients/alice')}.`)
  const [crl, authority] = [list(directory), new X509Certificate(certificateIn(directory, 'ca').raw)]
  assert.ok(await crl.verify({ publicKey: authority.publicKey }))
  assert.equal(crl.issuer, authority.subject)
  assert.deepEqual(crl.entries.map(({ serialNumber, reason }) => [serialNumber, reason]), [[serial(directory, 'clients/alice'), 1]])
  assert.equal(crl.extensions.find((extension) => extension instanceof AuthorityKeyIdentifierExtension)?.keyId,
    authority.getExtension(SubjectKeyIdentifierExtension)?.keyId)
  const days = (crl.nextUpdate!.getTime() - Date.now()) / DAY
  assert.ok(days > 29.9 && days <= 30, `${days} days`)
})

test('a name\'s former certificates are revoked with it; a serial is just one', async (t) => {
  const directory = await newStore(t)
  const all: string[] = []
  for (const command of ['client', 'renew', 'renew']) {
    await certs([command, 'alice', '--dir', directory])
    all.push(serial(directory, 'clients/alice'))
  }
  await certs(['client', 'bob', '--dir', directory])
  await certs(['revoke', all[1]!, '--dir', directory])
  assert.deepEqual(serials(directory), [all[1]])
  const { lines } = await certs(['revoke', 'alice', '--dir', directory])
  assert.ok(lines.includes(`alice, serial ${all[1]}, was revoked already.`))
  assert.deepEqual(serials(directory), all.toSorted())
})

test('a serial however it is written', async (t) => {
  const directory = await newStore(t)
  for (const [name, write] of [
    ['a', (text: string) => text.toUpperCase()], ['b', (text: string) => `0x${text}`], ['c', (text: string) => text.match(/../g)!.join(':')], ['d', (text: string) => `00${text}`]
  ] as const) {
    await certs(['client', name, '--dir', directory])
    assert.equal((await certs(['revoke', write(serial(directory, `clients/${name}`)), '--dir', directory])).refusal, undefined)
  }
  assert.deepEqual(serials(directory), ['a', 'b', 'c', 'd'].map((name) => serial(directory, `clients/${name}`)).sort())
})

test('each list has the next number, also when it is only renewed; nothing new, no new list', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  assert.equal(number((await certs(['revoke', 'alice', '--dir', directory])).lines), 2)
  const before = snapshot(directory)
  const again = await certs(['revoke', 'alice', '--dir', directory])
  assert.match(again.lines[0] ?? '', /was revoked already\.$/)
  assert.deepEqual(snapshot(directory), before)
  const entries = serials(directory)
  assert.equal(number((await certs(['crl', '--days', '3', '--dir', directory])).lines), 3)
  assert.deepEqual(serials(directory), entries)
  assert.ok(list(directory).nextUpdate!.getTime() - Date.now() <= 3 * DAY)
})

test('a serial that nothing here has needs --force', async (t) => {
  const directory = await newStore(t)
  assert.match((await certs(['revoke', 'deadbeef', '--dir', directory])).refusal ?? '', /^Nothing here has the name or serial 'deadbeef'; --force/)
  assert.equal((await certs(['revoke', 'deadbeef', '--force', '--dir', directory])).refusal, undefined)
  assert.deepEqual(serials(directory), ['deadbeef'])
})

test('a list that was lost is told; one of another authority is replaced only with --force', async (t) => {
  const [directory, other] = [await newStore(t), await newStore(t)]
  await certs(['client', 'alice', '--dir', directory])
  await certs(['client', 'bob', '--dir', other])
  rmSync(join(directory, 'ca.crl'))
  assert.match((await certs(['crl', '--dir', directory])).warnings.join(), /^There was no ca\.crl: what had been revoked before is not in the new one\.$/)
  for (const file of ['ca.crt', 'ca.key']) copyFileSync(join(other, file), join(directory, file))
  for (const command of [['crl'], ['revoke', 'deadbeef', '--force'], ['client', 'carol']]) {
    assert.match((await certs([...command, '--dir', directory])).refusal ?? '', /ca\.crl was not signed by ca\.crt; certs crl --force/)
  }
  assert.equal(number((await certs(['crl', '--force', '--dir', directory])).lines), 1)
  assert.equal((await certs(['client', 'carol', '--dir', directory])).refusal, undefined)
})

test('bad input: one sentence, and no new list', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const before = snapshot(directory)
  for (const [args, sentence] of [
    [[], /^NAME\|SERIAL is missing/],
    [['nobody'], /^Nothing here has the name or serial 'nobody'/],
    [['../alice'], /^Nothing here has the name or serial/],
    [['alice', '--reason', 'because'], /^--reason takes unspecified, keyCompromise, .*, not 'because'\.$/],
    [['alice', '--days=-1'], /^--days takes a whole number from 1 to 3650, not '-1'\.$/],
    [['alice', '--days', '3651'], /^--days takes a whole number from 1 to 3650/]
  ] as const) assert.match((await certs(['revoke', ...args, '--dir', directory])).refusal ?? '', sentence)
  assert.deepEqual(snapshot(directory), before)
})
