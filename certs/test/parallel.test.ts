import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { certificateIn, endedProcess, FILES, keyIn, newFolder, runCli } from './helper.ts'

async function assertOneMakesThem (directory: string): Promise<void> {
  const runs = await Promise.all(Array.from({ length: 4 }, () => runCli(['dev', '--dir', directory])))
  for (const run of runs) assert.deepEqual([run.code, run.stderr], [0, ''])
  assert.equal(runs.filter(({ stdout }) => stdout.includes('Made the authority')).length, 1)
  assert.equal(runs.filter(({ stdout }) => stdout.includes('Made the server certificate')).length, 1)
  assert.deepEqual(readdirSync(directory).sort(), FILES)
  const [ca, server] = [certificateIn(directory, 'ca'), certificateIn(directory, 'server')]
  assert.ok(ca.checkPrivateKey(keyIn(directory, 'ca')) && server.checkPrivateKey(keyIn(directory, 'server')))
  assert.ok(server.verify(ca.publicKey))
}

test('of processes that start at once in a new folder, one makes the certificates and the others keep them', async (t) => {
  await assertOneMakesThem(newFolder(t))
})

test('the same holds when they meet the lock of a process that was killed', async (t) => {
  const directory = newFolder(t)
  mkdirSync(directory, { mode: 0o700 })
  writeFileSync(join(directory, '.lock'), JSON.stringify({ pid: endedProcess(), host: hostname() }))
  await assertOneMakesThem(directory)
})

test('calls at once in one process end with the same certificates', async (t) => {
  const directory = newFolder(t)
  const results = await Promise.all(Array.from({ length: 8 }, () => ensureLocalCertificates({ directory })))
  assert.equal(new Set(results.map(({ server }) => server.certificate.fingerprint256)).size, 1)
  assert.equal(results.filter(({ server }) => server.made !== undefined).length, 1)
})
