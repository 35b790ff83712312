import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificateIn, certs, keyIn, newFolder, newStore, runCli } from './helper.ts'

const env = { CERTS_PASSPHRASE: 'correct horse' }

test('of several runs for one name, one makes it and the others say that it is there', async (t) => {
  const directory = await newStore(t)
  const runs = await Promise.all(Array.from({ length: 4 }, () => runCli(['client', 'alice', '--dir', directory])))
  assert.deepEqual(runs.map(({ code }) => code).sort(), [0, 1, 1, 1])
  for (const { stderr } of runs.filter(({ code }) => code === 1)) assert.match(stderr, /^\S*alice\.crt is there already; --force replaces it\.\n$/)
  assert.ok(certificateIn(directory, 'clients/alice').checkPrivateKey(keyIn(directory, 'clients/alice')))
  assert.equal(readdirSync(join(directory, 'issued')).length, 1)
})

test('runs at the same time lose no revocation, and no number', async (t) => {
  const directory = await newStore(t)
  const names = Array.from({ length: 8 }, (_, index) => `client ${index}`)
  await Promise.all(names.map((name) => certs(['client', name, '--dir', directory])))
  await Promise.all(names.map((name) => certs(['revoke', name, '--dir', directory])))
  const rows = JSON.parse((await certs(['list', '--json', '--dir', directory])).lines.join('')) as Record<string, string>[]
  assert.deepEqual(rows.filter(({ status }) => status === 'revoked').map(({ name }) => name), names)
  assert.match((await certs(['crl', '--dir', directory])).lines.join(), /is number 10;/)
})

test('of two authorities made at once, one is', async (t) => {
  const directory = newFolder(t)
  const runs = await Promise.all([1, 2].map(() => certs(['ca', '--dir', directory], { env })))
  assert.equal(runs.filter(({ refusal }) => refusal === undefined).length, 1)
  assert.match(runs.map(({ refusal }) => refusal ?? '').join(''), /^Another run has just made an authority|ca\.crt is there already/)
  assert.equal((await certs(['client', 'alice', '--dir', directory], { env })).refusal, undefined)
})
