import { spawn, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

export const DAY = 86_400_000
export const FILES = ['ca.crt', 'ca.key', 'server.crt', 'server.key']

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

/** A folder that does not exist yet, and is gone after the test. */
export function newFolder (t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'model-edge-certs-'))
  t.after(() => rmSync(parent, { recursive: true, force: true }))
  return join(parent, 'local')
}

export function certificateIn (directory: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, `${name}.crt`)))
}

export function keyIn (directory: string, name: string): KeyObject {
  return createPrivateKey(readFileSync(join(directory, `${name}.key`)))
}

/** Every entry of the folder with its text, mode, time and inode: equal when nothing was written. */
export function snapshot (directory: string) {
  return readdirSync(directory).sort().map((name) => {
    const { mode, mtimeMs, ino } = statSync(join(directory, name))
    return { name, mode, mtimeMs, ino, text: readFileSync(join(directory, name), 'utf8') }
  })
}

export interface Run {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs the command line as a process of its own; `imports` are loaded before it. */
export async function runCli (args: string[], env: Record<string, string> = {}, imports: string[] = []): Promise<Run> {
  const child = spawn(
    process.execPath,
    [...['tsx', ...imports].flatMap((name) => ['--import', name]), cli, ...args],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), env: { ...process.env, ...env } }
  )
  const run: Run = { code: null, signal: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => { run.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text) => { run.stderr += text })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ ...run, code, signal }))
  })
}

/** @returns the id of a process that has ended */
export function endedProcess (): number {
  return spawnSync(process.execPath, ['--eval', '']).pid
}

/** @returns whether the tool is there; without it the test is skipped, or fails where REQUIRE_TOOLS=1 asks for every tool */
export function hasTool (t: TestContext, name: string, versionArgument: string): boolean {
  if (spawnSync(name, [versionArgument]).status === 0) return true
  if (process.env.REQUIRE_TOOLS === '1') throw new Error(`${name} is not installed`)
  t.skip(`${name} is not installed`)
  return false
}
