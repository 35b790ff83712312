import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What count-reporter.js writes. */
export interface Counts { passed: number, failed: number, skipped: string[] }

/** Every test file below the folders, in a fixed order. */
export function testFiles (folders: string[]): string[] {
  return folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .sort()
    .map((name) => join(folder, name)))
}

/**
 * Runs test files in one `node --test`. The files are given one by one: a folder argument runs no test and exits 0 on
 * Node 20, and an unquoted `**` runs only some.
 * @param node the Node.js binary
 * @param oneByOne one file at a time: tests of whole processes load the machine, and watch the same source files
 */
export async function runSuite (node: string, files: string[], { oneByOne = false } = {}): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-test-'))
  const countsFile = join(folder, 'counts.json')
  const args = [
    '--import', 'tsx', '--test',
    '--test-reporter=spec', '--test-reporter-destination=stdout',
    '--test-reporter=./test/run/count-reporter.js', `--test-reporter-destination=${countsFile}`,
    ...(oneByOne ? ['--test-concurrency=1'] : []),
    ...files
  ]
  const child = spawn(node, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const stop = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const [code] = await once(child, 'exit') as [number | null]
  process.off('SIGINT', stop).off('SIGTERM', stop)
  const written = existsSync(countsFile) ? readFileSync(countsFile, 'utf8') : ''
  rmSync(folder, { recursive: true })
  const counts: Counts = written === '' ? { passed: 0, failed: 0, skipped: [] } : JSON.parse(written)
  // A crash outside the tests fails the run without a failed test.
  if (code !== 0 && counts.failed === 0) counts.failed++
  return counts
}
