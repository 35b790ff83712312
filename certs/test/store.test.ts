import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readIfThere, sweep, writePair } from '../src/store.ts'
import { newFolder } from './helper.ts'

test('a pair is stored with mode 0600, over files that others could read', (t) => {
  const directory = newFolder(t)
  mkdirSync(directory)
  for (const file of ['a.crt', 'a.key']) writeFileSync(join(directory, file), 'former', { mode: 0o644 })
  writePair(directory, 'a', { key: 'key', certificate: 'certificate' })
  assert.equal(readIfThere(join(directory, 'a.key')), 'key')
  assert.equal(readIfThere(join(directory, 'a.crt')), 'certificate')
  if (process.platform === 'win32') return
  for (const file of ['a.crt', 'a.key']) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
})

test('a certificate alone leaves the key as it is', (t) => {
  const directory = newFolder(t)
  mkdirSync(directory)
  writePair(directory, 'a', { key: 'key', certificate: 'certificate' })
  const { ino, mtimeMs } = statSync(join(directory, 'a.key'))
  writePair(directory, 'a', { certificate: 'renewed' })
  assert.equal(readIfThere(join(directory, 'a.crt')), 'renewed')
  assert.deepEqual([statSync(join(directory, 'a.key')).ino, statSync(join(directory, 'a.key')).mtimeMs], [ino, mtimeMs])
})

test('a pair that can\'t be stored leaves no half-written file', (t) => {
  const directory = newFolder(t)
  mkdirSync(join(directory, 'a.key', 'in the way'), { recursive: true })
  assert.throws(() => writePair(directory, 'a', { key: 'key', certificate: 'certificate' }))
  assert.deepEqual(readdirSync(directory), ['a.key'])
})

test('sweeping removes what was half written, and nothing else', (t) => {
  const directory = newFolder(t)
  mkdirSync(directory)
  for (const file of ['.a.key.0123456789ab.tmp', 'a.key', '.hidden', 'notes.tmp']) writeFileSync(join(directory, file), file)
  sweep(directory)
  assert.deepEqual(readdirSync(directory).sort(), ['.hidden', 'a.key', 'notes.tmp'])
})

test('a missing file is told from one that can\'t be read', (t) => {
  const directory = newFolder(t)
  mkdirSync(directory)
  assert.equal(readIfThere(join(directory, 'none')), undefined)
  assert.throws(() => readIfThere(directory), { code: 'EISDIR' })
  writeFileSync(join(directory, 'some'), 'text')
  assert.equal(readIfThere(join(directory, 'some')), readFileSync(join(directory, 'some'), 'utf8'))
})
