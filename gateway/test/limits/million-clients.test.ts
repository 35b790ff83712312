import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const MB = 1e6

test('a million clients take less than 64 MB, a thousand next to nothing', async (t) => {
  const script = fileURLToPath(new URL('million-clients.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script])
  const figures = JSON.parse(stdout) as Record<string, number>
  t.diagnostic(stdout.trim())

  assert.equal(figures.size, 1_000_000)
  assert.ok(figures.byteLength! < 64 * MB, `${figures.byteLength} bytes in arrays`)
  assert.ok(figures.ofAMillion! < 64 * MB, `the process grew by ${figures.ofAMillion} bytes`)
  assert.ok(figures.ofAThousand! < 16 * MB, `the process grew by ${figures.ofAThousand} bytes`)
  // Measured at 0.2 to 0.9 µs each on a quiet machine; a limit far above that catches a table that degenerates.
  for (const name of ['newcomerNs', 'knownNs', 'evictionNs']) {
    assert.ok(figures[name]! < 20_000, `${name}: ${figures[name]}`)
  }
})
