import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { dyingAt } from './dying.ts'
import { certificateIn, certs, newFolder, newStore } from './helper.ts'

const env = { CERTS_PASSPHRASE: 'correct horse', CERTS_BUNDLE_PASSPHRASE: 'battery staple' }

interface Interruption {
  line: string[]
  prepare: (t: TestContext) => Promise<string>
  /** pairs that must fit together whenever both files are there */
  pair?: string
  /** what holds when the same command has run again */
  complete: (directory: string) => Promise<void>
}

async function prepared (t: TestContext, ...lines: string[][]): Promise<string> {
  const directory = await newStore(t)
  for (const line of lines) await certs([...line, '--dir', directory])
  return directory
}

function assertNoMismatch (directory: string, pair: string): void {
  const [key, certificate] = ['key', 'crt'].map((extension) => join(directory, `${pair}.${extension}`))
  if (!existsSync(key!) || !existsSync(certificate!)) return
  const opened = createPrivateKey({ key: readFileSync(key!), passphrase: env.CERTS_PASSPHRASE })
  assert.ok(certificateIn(directory, pair).checkPrivateKey(opened), `${pair}.key beside another's certificate`)
}

const isListed = async (directory: string, name: string, status: string) => {
  const rows = JSON.parse((await certs(['list', '--json', '--dir', directory])).lines.join('')) as Record<string, string>[]
  assert.ok(rows.some((row) => row.name === name && row.status === status), JSON.stringify(rows))
}

const interruptions: Interruption[] = [
  { line: ['ca'], prepare: async (t) => newFolder(t), pair: 'ca', complete: async (directory) => assert.ok(existsSync(join(directory, 'ca.crl'))) },
  { line: ['client', 'alice'], prepare: (t) => prepared(t), pair: 'clients/alice', complete: (directory) => isListed(directory, 'alice', 'valid') },
  { line: ['client', 'alice', '--force'], prepare: (t) => prepared(t, ['client', 'alice']), pair: 'clients/alice', complete: (directory) => isListed(directory, 'alice', 'valid') },
  { line: ['renew', 'alice', '--new-key'], prepare: (t) => prepared(t, ['client', 'alice']), pair: 'clients/alice', complete: (directory) => isListed(directory, 'alice', 'valid') },
  { line: ['revoke', 'alice'], prepare: (t) => prepared(t, ['client', 'alice']), complete: (directory) => isListed(directory, 'alice', 'revoked') },
  { line: ['csr', 'alice', '--force'], prepare: (t) => prepared(t, ['csr', 'alice']), complete: async (directory) => assert.ok(existsSync(join(directory, 'clients/alice.csr'))) }
]

for (const { line, prepare, pair, complete } of interruptions) {
  test(`certs ${line.join(' ')}: killed at any step, it leaves no mismatch, and the same again completes it`, async (t) => {
    const origin = await prepare(t)
    const copies = join(newFolder(t), '..')
    for (let step = 1; ; step++) {
      const directory = join(copies, String(step))
      if (existsSync(origin)) cpSync(origin, directory, { recursive: true })
      else mkdirSync(directory)
      const again = () => certs([...line, '--dir', directory], { env })
      const survived = await dyingAt(step, directory, again)
      if (survived !== undefined) return assert.ok(survived === step - 1 && survived >= 2, `${survived} changes`)
      // Its owner, this process, lives on; that a dead one's lock is taken over is tested elsewhere.
      rmSync(join(directory, '.lock'), { force: true })
      if (pair !== undefined) assertNoMismatch(directory, pair)
      const { refusal } = await again()
      if (refusal !== undefined) assert.match(refusal, /is there already/)
      if (pair !== undefined) assertNoMismatch(directory, pair)
      await complete(directory)
      const left = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tmp$|\.lock/.test(file))
      if (refusal === undefined) assert.deepEqual(left, [])
    }
  })
}
