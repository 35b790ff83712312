import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readRequest } from '../src/requests.ts'
import { certs, keyIn, newFolder, newStore, snapshot } from './helper.ts'

const requestIn = (directory: string, name: string) => readRequest(readFileSync(join(directory, `${name}.csr`), 'utf8'), name)

test('a request needs no authority, and asks for what was said', async (t) => {
  const directory = newFolder(t)
  await certs(['csr', 'alice', '--email', 'alice@example.com', '--dns', 'a.example', '--rsa', '2048', '--dir', directory])
  const { publicKey, commonName, alternativeNames } = await requestIn(directory, 'clients/alice')
  assert.ok(publicKey.equals(createPublicKey(keyIn(directory, 'clients/alice'))))
  assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048)
  assert.deepEqual([commonName, alternativeNames], ['alice', ['dns:a.example', 'email:alice@example.com']])
  if (process.platform !== 'win32') assert.equal(statSync(join(directory, 'clients/alice.key')).mode & 0o777, 0o600)
})

test('with a host it is a server\'s', async (t) => {
  const directory = newFolder(t)
  await certs(['csr', 'web', '--host', 'web.example', '--host', '10.0.0.1', '--dir', directory])
  const { commonName, alternativeNames } = await requestIn(directory, 'servers/web')
  assert.deepEqual([commonName, alternativeNames], ['web.example', ['dns:web.example', 'ip:10.0.0.1']])
})

test('nothing is overwritten without --force, which leaves no certificate beside another key', async (t) => {
  const directory = await newStore(t)
  await certs(['client', 'alice', '--dir', directory])
  const before = snapshot(directory)
  assert.match((await certs(['csr', 'alice', '--dir', directory])).refusal ?? '', /alice\.crt is there already/)
  assert.deepEqual(snapshot(directory), before)
  await certs(['csr', 'alice', '--force', '--dir', directory])
  assert.ok(!existsSync(join(directory, 'clients/alice.crt')))
  assert.match(readdirSync(join(directory, 'issued')).join(), /^alice\.\w+\.crt$/)
  assert.ok((await requestIn(directory, 'clients/alice')).publicKey.equals(createPublicKey(keyIn(directory, 'clients/alice'))))
})

test('a key that an interrupted run left is used', async (t) => {
  const directory = newFolder(t)
  await certs(['csr', 'alice', '--dir', directory])
  const key = readFileSync(join(directory, 'clients/alice.key'), 'utf8')
  rmSync(join(directory, 'clients/alice.csr'))
  await certs(['csr', 'alice', '--dir', directory])
  assert.equal(readFileSync(join(directory, 'clients/alice.key'), 'utf8'), key)
  assert.ok((await requestIn(directory, 'clients/alice')).publicKey.equals(createPublicKey(keyIn(directory, 'clients/alice'))))
})
