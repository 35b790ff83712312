import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { test } from 'node:test'
import { certificateIn, certs, newFolder, newStore, snapshot } from './helper.ts'

test('trust tells how for each system, with file, name and fingerprint, and changes nothing', async (t) => {
  const directory = await newStore(t)
  const before = snapshot(directory)
  const { lines, refusal } = await certs(['trust', '--dir', directory])
  const text = lines.join('\n')
  assert.equal(refusal, undefined)
  for (const system of ['Debian, Ubuntu', 'Fedora, RHEL', 'macOS', 'Windows', 'Firefox', 'Chromium']) assert.match(text, new RegExp(`^${system}`, 'm'))
  for (const tool of ['update-ca-certificates', 'update-ca-trust', 'security add-trusted-cert', 'certutil -user -addstore Root', 'curl --cacert']) {
    assert.ok(text.includes(tool), tool)
  }
  const { fingerprint256, subject } = certificateIn(directory, 'ca')
  assert.ok(text.includes(fingerprint256) && text.includes(subject.slice('CN='.length)) && /ca\.crt/.test(text))
  assert.equal(text.match(/undo:/g)?.length, 6)
  assert.deepEqual(snapshot(directory), before)
})

test('a path with spaces is quoted', async (t) => {
  const store = await newStore(t)
  const directory = `${store} copy`
  cpSync(store, directory, { recursive: true })
  assert.match((await certs(['trust', '--dir', directory])).lines.join('\n'), /sudo cp "[^"]* copy\/ca\.crt" \/usr/)
})

test('without an authority there is nothing to trust', async (t) => {
  assert.match((await certs(['trust', '--dir', newFolder(t)])).refusal ?? '', /^There is no authority/)
})
