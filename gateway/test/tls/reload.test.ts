import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { loadCredentials } from '../../src/tls/credentials.ts'
import type { Credentials } from '../../src/tls/credentials.ts'
import { CredentialsWatch } from '../../src/tls/reload.ts'
import { makeCertificate, temporaryFolder, writeCertificate } from '../credentials.ts'
import { until } from '../helper.ts'

const day = 24 * 60 * 60 * 1000

/** A watch over a folder's certificate; `used` are the pairs taken into use, `logged` the lines written. */
async function watched (t: TestContext, folder: string, certFile = join(folder, 'server.crt'), keyFile = join(folder, 'server.key')) {
  const used: Credentials[] = []
  const logged: Record<string, unknown>[] = []
  const logger = pino(new Writable({ write: (line, _encoding, done) => { logged.push(JSON.parse(String(line))); done() } }))
  const watch = new CredentialsWatch({
    certFile, keyFile, current: loadCredentials(certFile, keyFile), logger, use: (credentials) => used.push(credentials)
  })
  t.after(() => watch.close())
  const errors = () => logged.filter(({ level }) => level === 50)
  return { used, logged, errors, watch }
}

test('files written in place are taken into use', async (t) => {
  const folder = temporaryFolder(t)
  writeCertificate(folder, await makeCertificate())
  const { used, errors } = await watched(t, folder)
  const next = await makeCertificate()
  writeCertificate(folder, next)
  await until(() => used.length === 1)
  assert.equal(used[0]!.cert, next.cert)
  assert.deepEqual(errors(), [])
})

test('files renamed over the old ones are taken into use', async (t) => {
  const folder = temporaryFolder(t)
  const { certFile, keyFile } = writeCertificate(folder, await makeCertificate())
  const { used } = await watched(t, folder)
  const next = await makeCertificate()
  writeFileSync(`${keyFile}.new`, next.key)
  writeFileSync(`${certFile}.new`, next.cert)
  renameSync(`${keyFile}.new`, keyFile)
  renameSync(`${certFile}.new`, certFile)
  await until(() => used.length === 1)
  assert.equal(used[0]!.key, next.key)
})

test('Kubernetes’ swap of the ..data link is taken into use', async (t) => {
  const folder = temporaryFolder(t)
  const version = async (name: string) => {
    mkdirSync(join(folder, name))
    const made = await makeCertificate()
    writeCertificate(join(folder, name), made)
    return made
  }
  await version('..1')
  symlinkSync('..1', join(folder, '..data'))
  for (const name of ['server.crt', 'server.key']) symlinkSync(`..data/${name}`, join(folder, name))
  const { used } = await watched(t, folder)
  for (const name of ['..2', '..3']) {
    const made = await version(name)
    symlinkSync(name, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await until(() => used.at(-1)?.cert === made.cert)
  }
})

for (const [what, spoil, told] of [
  ['of a key that does not match', async (folder) => writeFileSync(join(folder, 'server.key'), (await makeCertificate()).key), /is not the key of/],
  ['that expired', async (folder) => { writeCertificate(folder, await makeCertificate({ from: new Date(Date.now() - 2 * day), to: new Date(Date.now() - day) })) }, /expired on/],
  ['cut short', async (folder) => truncateSync(join(folder, 'server.crt'), 100), /is not a PEM certificate/],
  ['exchanged with its key', async (folder) => {
    const [cert, key] = [readFileSync(join(folder, 'server.crt'), 'utf8'), readFileSync(join(folder, 'server.key'), 'utf8')]
    writeCertificate(folder, { cert: key, key: cert })
  }, /is not a PEM certificate/],
  ['that is gone', async (folder) => rmSync(join(folder, 'server.crt')), /is not there/]
] as [string, (folder: string) => Promise<void>, RegExp][]) {
  test(`a pair ${what} is told once, the old one stays; a good one after it is taken`, async (t) => {
    const folder = temporaryFolder(t)
    writeCertificate(folder, await makeCertificate())
    const { used, errors } = await watched(t, folder)
    await spoil(folder)
    await until(() => errors().length === 1)
    assert.match(String(errors()[0]!.mistakes), told)
    assert.equal(used.length, 0)
    // A change that changes nothing is no news.
    writeFileSync(join(folder, 'other'), '')
    const next = await makeCertificate()
    writeCertificate(folder, next)
    await until(() => used.length === 1)
    assert.equal(used[0]!.cert, next.cert)
    assert.equal(errors().length, 1)
  })
}

test('a certificate that expires within 14 days is warned of, a later one not', async (t) => {
  const folder = temporaryFolder(t)
  writeCertificate(folder, await makeCertificate({ to: new Date(Date.now() + 13.5 * day) }))
  const soon = await watched(t, folder)
  assert.equal(soon.logged[0]?.msg, 'certificate is about to expire')
  assert.equal(soon.logged[0]?.days, 13)
  writeCertificate(folder, await makeCertificate({ to: new Date(Date.now() + 20 * day) }))
  assert.deepEqual((await watched(t, folder)).logged, [])
})
