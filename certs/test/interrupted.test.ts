import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ensureLocalCertificates } from '../src/local-certificates.ts'
import { certificateIn, keyIn, newFolder, runCli } from './helper.ts'

const killAt = new URL('kill-at.ts', import.meta.url).href

function runUntil (step: number, directory: string) {
  return runCli(['dev', '--dir', directory], { KILL_AT: String(step), KILL_IN: directory }, [killAt])
}

function assertNoMismatch (directory: string): void {
  for (const name of ['ca', 'server']) {
    if (!existsSync(join(directory, `${name}.crt`)) || !existsSync(join(directory, `${name}.key`))) continue
    assert.ok(certificateIn(directory, name).checkPrivateKey(keyIn(directory, name)), `${name}.key beside another's ${name}.crt`)
  }
}

async function assertRepaired (directory: string): Promise<void> {
  await ensureLocalCertificates({ directory })
  assertNoMismatch(directory)
  assert.ok(certificateIn(directory, 'server').verify(certificateIn(directory, 'ca').publicKey))
  assert.deepEqual(readdirSync(directory).filter((entry) => entry.endsWith('.tmp')), [])
}

/** Kills a run before each of its renames and removals: what it leaves has no mismatch, and the next run repairs it. */
async function killEverywhere (t: TestContext, prepare: (directory: string) => Promise<void>) {
  const whole = newFolder(t)
  await prepare(whole)
  const changes = Number((await runUntil(0, whole)).stderr)
  assert.ok(changes >= 5, `${changes} changes`)
  await Promise.all(Array.from({ length: changes }, async (_, index) => {
    const directory = newFolder(t)
    await prepare(directory)
    assert.equal((await runUntil(index + 1, directory)).signal, 'SIGKILL')
    assertNoMismatch(directory)
    await assertRepaired(directory)
  }))
}

test('a first run killed at any step leaves no mismatch, and the next one completes it', async (t) => {
  await killEverywhere(t, async () => {})
})

test('a run killed at any step of replacing the authority leaves no mismatch, and the next one completes it', async (t) => {
  await killEverywhere(t, async (directory) => {
    await ensureLocalCertificates({ directory })
    rmSync(join(directory, 'ca.key'))
  })
})
