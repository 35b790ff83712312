import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Counts } from './count-reporter.ts'

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
 */
export async function runSuite (node: string, files: string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-test-'))
  const countsFile = join(folder, 'counts.json')
  const args = [
    '--import', 'tsx', '--test',
    '--test-reporter=spec', '--test-reporter-destination=stdout',
    '--test-reporter=./test/run/count-reporter.ts', `--test-reporter-destination=${countsFile}`,
    ...files
  ]
  const child = spawn(node, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const stop = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const [code] = await once(child, 'exit') as [number | null]
  process.off('SIGINT', stop).off('SIGTERM', stop)
  try {
    const counts = JSON.parse(readFileSync(countsFile, 'utf8')) as Counts
    // A file that crashed outside its tests fails the run without a failed test.
    if (code !== 0 && counts.failed === 0) counts.failed++
    return counts
  } finally {
    rmSync(folder, { recursive: true })
  }
}
