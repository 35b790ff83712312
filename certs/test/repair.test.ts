import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CertsError } from '../src/errors.ts'
import { issue } from '../src/issue.ts'
import { newKey, toPem } from '../src/keys.ts'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { serverProfile } from '../src/profiles.ts'
import { localNames } from '../src/server-names.ts'
import { certificateIn, endedProcess, FILES, keyIn, newFolder } from './helper.ts'

const rsaKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

interface Damage {
  what: string
  damage: (directory: string, other: string) => unknown
  /** why the pair was made; undefined when it is kept */
  authority?: string
  server?: string
}

const damages: Damage[] = [
  ...FILES.map((file) => ({
    what: `${file} is missing`,
    damage: (directory: string) => rmSync(join(directory, file)),
    ...because(file, `${file} was missing`)
  })),
  ...[['empty', ''], ['garbage', 'not PEM'], ['cut short', '-----BEGIN CERTIFICATE-----\nMIIB']].flatMap(([how, text]) =>
    FILES.map((file) => ({
      what: `${file} is ${how}`,
      damage: (directory: string) => writeFileSync(join(directory, file), text!),
      ...because(file, file.endsWith('key') ? `${file} was no readable P-256 key` : `${file} was no readable certificate`)
    }))),
  ...['ca.key', 'server.key'].flatMap((file) => {
    const reason = `${file} did not belong to ${file.replace('key', 'crt')}`
    return [
      { what: `${file} is another key`, damage: (directory: string) => write(directory, file, toPem(newKey())), ...because(file, reason) },
      { what: `${file} is an RSA key`, damage: (directory: string) => write(directory, file, toPem(rsaKey())), ...because(file, `${file} was no readable P-256 key`) }
    ]
  }),
  {
    what: 'the authority was replaced by another good one',
    damage: (directory, other) => ['ca.key', 'ca.crt'].forEach((file) => copyFileSync(join(other, file), join(directory, file))),
    server: 'server.crt was not signed by ca.crt'
  },
  {
    what: 'the authority is a server certificate',
    damage: (directory) => ['key', 'crt'].forEach((kind) => copyFileSync(join(directory, `server.${kind}`), join(directory, `ca.${kind}`))),
    authority: 'ca.crt was no self-signed authority',
    server: 'server.crt was not signed by ca.crt'
  },
  {
    what: 'the server certificate is for clients',
    damage: async (directory) => {
      const profile = serverProfile(localNames('laptop'))
      profile.extensions = profile.extensions.filter(({ type }) => type !== '2.5.29.37')
      const issuer = { key: keyIn(directory, 'ca'), certificate: certificateIn(directory, 'ca').raw }
      write(directory, 'server.crt', await issue(profile, keyIn(directory, 'server'), new Date(), issuer))
    },
    server: 'server.crt was no server certificate'
  },
  {
    what: 'only the lock and the half-written key of an interrupted run are there',
    damage: (directory) => {
      for (const file of FILES) rmSync(join(directory, file))
      write(directory, '.ca.key.0123456789ab.tmp', 'half')
      write(directory, '.lock', JSON.stringify({ pid: endedProcess(), host: hostname() }))
    },
    authority: 'there was none',
    server: 'there was none'
  }
]

/** What becomes of the pairs when a file is damaged: a new authority key makes the server certificate worthless as well. */
function because (file: string, reason: string): Pick<Damage, 'authority' | 'server'> {
  if (file.startsWith('server')) return { server: reason }
  return { authority: reason, server: file.endsWith('key') ? 'server.crt was not signed by ca.crt' : undefined }
}

function write (directory: string, file: string, text: string): void {
  writeFileSync(join(directory, file), text, { mode: 0o600 })
}

for (const { what, damage, authority, server } of damages) {
  test(`repaired: ${what}`, async (t) => {
    const [directory, other] = [newFolder(t), newFolder(t)]
    await ensureLocalCertificates({ directory, hostName: 'laptop' })
    await ensureLocalCertificates({ directory: other, hostName: 'laptop' })
    await damage(directory, other)

    const repaired = await ensureLocalCertificates({ directory, hostName: 'laptop' })
    assert.equal(repaired.authority.made, authority)
    assert.equal(repaired.server.made, server)
    const [ca, leaf] = [certificateIn(directory, 'ca'), certificateIn(directory, 'server')]
    assert.ok(ca.ca && ca.checkPrivateKey(keyIn(directory, 'ca')))
    assert.ok(leaf.checkPrivateKey(keyIn(directory, 'server')) && leaf.checkIssued(ca) && leaf.verify(ca.publicKey))
    assert.deepEqual(readdirSync(directory).sort(), FILES)
    assert.deepEqual((await ensureLocalCertificates({ directory, hostName: 'laptop' })).tightened, [])
  })
}

test('an authority whose certificate is lost keeps its name and key: who trusted it still does', async (t) => {
  const directory = newFolder(t)
  const { authority, server } = await ensureLocalCertificates({ directory })
  rmSync(join(directory, 'ca.crt'))
  const repaired = await ensureLocalCertificates({ directory })
  assert.equal(repaired.authority.certificate.subject, authority.certificate.subject)
  assert.ok(server.certificate.verify(repaired.authority.certificate.publicKey))
})

test('a key with a passphrase is somebody\'s: refused, and left as it is', async (t) => {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory })
  for (const type of ['pkcs8', 'sec1'] as const) {
    const text = newKey().export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
    writeFileSync(join(directory, 'ca.key'), text)
    await assert.rejects(ensureLocalCertificates({ directory }), (error) =>
      error instanceof CertsError && /ca\.key is protected by a passphrase/.test(error.message))
    assert.equal(readFileSync(join(directory, 'ca.key'), 'utf8'), text)
  }
})

test('a folder with other things in it is refused, and left as it is', async (t) => {
  const directory = newFolder(t)
  mkdirSync(directory)
  const { mode } = statSync(directory)
  write(directory, 'notes.txt', 'mine')
  await assert.rejects(ensureLocalCertificates({ directory }), /holds other files/)
  assert.deepEqual(readdirSync(directory), ['notes.txt'])
  assert.equal(statSync(directory).mode, mode)
})
