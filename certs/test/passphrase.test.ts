import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { processIo } from '../src/io.ts'
import { newPassphraseFor } from '../src/passphrase.ts'
import { certs, newFolder, terminal } from './helper.ts'
import type { World } from './helper.ts'

const SECRET = 'correct horse'

/** @returns the new passphrase that one source gives */
async function given ({ env = {}, typed }: World, file?: string) {
  let prompts = ''
  const prompt = new Writable({ write (chunk, _encoding, done) { prompts += chunk; done() } })
  const io = { ...processIo, env, input: typed ? terminal(typed) : Readable.from([]), prompt }
  const passphrase = await newPassphraseFor('ca.key', { file, variable: 'CERTS_PASSPHRASE', io })
  return { passphrase, prompts }
}

function fileWith (t: TestContext, text: string): string {
  const path = join(newFolder(t), '..', 'passphrase')
  writeFileSync(path, text)
  return path
}

test('from the environment', async () => {
  assert.equal((await given({ env: { CERTS_PASSPHRASE: SECRET } })).passphrase, SECRET)
})

test('from a file\'s first line, whatever ends it, and before the environment', async (t) => {
  for (const text of [SECRET, `${SECRET}\n`, `${SECRET}\r\n`, `${SECRET}\nmore\n`]) {
    assert.equal((await given({ env: { CERTS_PASSPHRASE: 'another one' } }, fileWith(t, text))).passphrase, SECRET)
  }
})

test('typed twice; backspace, Ctrl-U and pasted lines do what they do in a shell', async () => {
  for (const typed of [
    [`${SECRET}\r`, `${SECRET}\r`], [`${SECRET}\n${SECRET}\n`], ['nonsense\x15', `${SECRET}xy\x7f\b\r`, `${SECRET}\r`], [...`${SECRET}\r${SECRET}\r`]
  ]) {
    const { passphrase, prompts } = await given({ typed })
    assert.equal(passphrase, SECRET)
    assert.equal(prompts, 'New passphrase for ca.key: \nThe same once more: \n')
  }
})

test('letters beyond ASCII, cut anywhere by the terminal', async () => {
  const octets = Array.from(Buffer.from('pässwört\rpässwört\r'), (octet) => Buffer.of(octet))
  assert.equal((await given({ typed: octets })).passphrase, 'pässwört')
})

test('opening asks once', async (t) => {
  const directory = newFolder(t)
  await certs(['ca', '--dir', directory], { env: { CERTS_PASSPHRASE: SECRET } })
  const used = await certs(['crl', '--dir', directory], { typed: [`${SECRET}\r`] })
  assert.equal(used.refusal, undefined)
  assert.match(used.prompts, /^Passphrase of .*ca\.key: \n$/)
})

for (const [what, world, sentence] of [
  ['nowhere to be found', {}, /no terminal to ask for it: use --passphrase-file FILE or the variable CERTS_PASSPHRASE\.$/],
  ['too short', { env: { CERTS_PASSPHRASE: '1234567' } }, /needs at least 8 characters\.$/],
  ['typed differently', { typed: [`${SECRET}\r`, `${SECRET}s\r`] }, /^The two passphrases differ/],
  ['empty', { typed: ['\r'] }, /^No passphrase was typed/],
  ['interrupted by Ctrl-C', { typed: ['corr\x03'] }, /^Interrupted/],
  ['ended by Ctrl-D', { typed: ['\x04'] }, /^Interrupted/]
] as const) {
  test(`a passphrase that is ${what}: one sentence, and nothing is made`, async (t) => {
    const directory = newFolder(t)
    assert.match((await certs(['ca', '--dir', directory], world as World)).refusal ?? '', sentence)
    assert.ok(!existsSync(directory))
  })
}

test('a passphrase file that is empty or missing', async (t) => {
  await assert.rejects(given({}, fileWith(t, '\nsecond')), /The first line of .* is no passphrase/)
  await assert.rejects(given({}, join(newFolder(t), 'none')), /Cannot read the passphrase file .* \(ENOENT\)\.$/)
})

test('an argument is never a passphrase', async (t) => {
  for (const option of ['--passphrase', '--pass', '-p']) {
    assert.match((await certs(['ca', '--dir', newFolder(t), option, SECRET])).refusal ?? '', /^Unknown option/)
  }
})
