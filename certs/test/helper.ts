import { spawn, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CertsError } from '../src/errors.ts'
import type { Io, TerminalInput } from '../src/io.ts'
import { ensureLocalCertificates } from '../src/local-certificates.ts'

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

/** Every file of the folder and below, with its text, mode, time and inode: equal when nothing was written. */
export function snapshot (directory: string) {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  return paths.filter((name) => statSync(join(directory, name)).isFile()).map((name) => {
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

/** What a command that ran in this process printed, and how it was refused. */
export interface Outcome {
  lines: string[]
  warnings: string[]
  prompts: string
  refusal?: string
}

/** @property typed what a terminal's user types; without it there is no terminal */
export interface World {
  env?: Record<string, string>
  typed?: (string | Buffer)[]
}

/** Runs a command in this process, which is a tenth of the time of another one. Errors that are no refusals are thrown. */
export async function certs (line: string[], { env = {}, typed }: World = {}): Promise<Outcome> {
  const outcome: Outcome = { lines: [], warnings: [], prompts: '' }
  const io: Io = {
    env,
    input: typed ? terminal(typed) : Readable.from([]),
    prompt: new Writable({ write (chunk, _encoding, done) { outcome.prompts += chunk; done() } }),
    print: (text) => { outcome.lines.push(...text.split('\n')) },
    warn: (text) => { outcome.warnings.push(text) }
  }
  const [command = '', ...args] = line
  try {
    await (await import(`../src/commands/${command}.ts`)).run(args, io)
  } catch (error) {
    if (!(error instanceof CertsError)) throw error
    outcome.refusal = error.message
  }
  return outcome
}

/** A store with an authority whose key is not encrypted. */
export async function newStore (t: TestContext, now?: Date): Promise<string> {
  const directory = newFolder(t)
  await ensureLocalCertificates({ directory, hostName: 'laptop', now })
  return directory
}

/** Standard input as a terminal, with what its user types. */
export function terminal (typed: (string | Buffer)[]): TerminalInput {
  const input: TerminalInput = new Readable({ read () {} })
  for (const chunk of typed) input.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return Object.assign(input, { isTTY: true, setRawMode () {} })
}

/** @returns the output of openssl on standard output and error, and its exit code */
export function openssl (directory: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}
