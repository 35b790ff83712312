import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { localNames } from '../src/server-names.ts'
import { certificateIn, newFolder, runCli, snapshot } from './helper.ts'

const names = localNames(hostname())
const shownNames = [...names.dns, ...names.ip].join(', ')

const dayOf = (directory: string, name: string) => new Date(certificateIn(directory, name).validTo).toISOString().slice(0, 10)

test('the first run tells what it made, the second what it kept, and both how to use it', async (t) => {
  const directory = newFolder(t)
  const first = await runCli(['dev', '--dir', directory])
  const authority = certificateIn(directory, 'ca').subject.slice('CN='.length)
  const use = new RegExp(`^Use: curl --cacert \\S*${join('local', 'ca.crt').replace('\\', '\\\\')} https://localhost:8443/$`, 'm')
  assert.deepEqual([first.code, first.stderr], [0, ''])
  assert.ok(first.stdout.includes(`Made the authority "${authority}", valid until ${dayOf(directory, 'ca')}, because there was none.\n`))
  assert.ok(first.stdout.includes(`Made the server certificate for ${shownNames}, valid until ${dayOf(directory, 'server')}, because`))
  assert.match(first.stdout, use)
  assert.doesNotMatch(first.stdout, /trust/)

  const before = snapshot(directory)
  const second = await runCli(['dev', '--dir', directory])
  assert.deepEqual([second.code, second.stderr], [0, ''])
  assert.ok(second.stdout.includes(`Kept the authority "${authority}", valid until ${dayOf(directory, 'ca')}.\n`))
  assert.ok(second.stdout.includes(`Kept the server certificate for ${shownNames}, valid until ${dayOf(directory, 'server')}.\n`))
  assert.match(second.stdout, /^Nothing had to be changed\.$/m)
  assert.match(second.stdout, use)
  assert.deepEqual(snapshot(directory), before)
})

test('--quiet tells only what changed', async (t) => {
  const directory = newFolder(t)
  const quietly = () => runCli(['dev', '--quiet', '--dir', directory])
  assert.match((await quietly()).stdout, /^Made the authority .*\nMade the server certificate .*\n$/)
  assert.equal((await quietly()).stdout, '')
  rmSync(join(directory, 'server.crt'))
  assert.match((await quietly()).stdout, /^Made the server certificate .*, because server\.crt was missing\.\n$/)
  if (process.platform === 'win32') return
  chmodSync(join(directory, 'ca.key'), 0o640)
  assert.match((await quietly()).stdout, /^Only its owner can read .*ca\.key from now on\.\n$/)
})

test('a new authority has to be trusted again, and the run says so', async (t) => {
  const directory = newFolder(t)
  await runCli(['dev', '--dir', directory])
  rmSync(join(directory, 'ca.key'))
  assert.match((await runCli(['dev', '--dir', directory])).stdout, /^Where the former authority was trusted, trust .*ca\.crt instead\.$/m)
})

test('folders that can\'t be used: one sentence and exit code 1', async (t) => {
  const directory = newFolder(t)
  const file = join(directory, 'file')
  mkdirSync(directory)
  writeFileSync(file, '')
  for (const [folder, sentence] of [
    [file, /^Cannot use .*file.*: .*\(ENOTDIR\)\.\n$/],
    [directory, /^.* holds other files and no certificates of ours: .*\.\n$/]
  ] as const) {
    const run = await runCli(['dev', '--dir', folder])
    assert.deepEqual([run.code, run.stdout], [1, ''])
    assert.match(run.stderr, sentence)
  }
})
