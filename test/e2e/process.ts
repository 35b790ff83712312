import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'

export type Scope = Pick<TestContext, 'after'>

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A process of the product, followed by its output alone. */
export interface Running {
  /** Services tell their addresses over its IPC channel, and end when it closes. */
  child: ChildProcess
  /** Everything it wrote so far. */
  output: () => string
  /** Resolves when its output matches; rejects when it ends before. */
  said: (pattern: RegExp) => Promise<RegExpMatchArray>
  /** Resolves when its output holds a text so many times; rejects when it ends before. */
  saidTimes: (part: string, times: number) => Promise<void>
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Runs `node ...args` in the project's folder; killed with the test, whatever happens. */
export function run (t: Scope, args: string[], env: Record<string, string> = {}, cwd = root): Running {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, args, { cwd, env: { PATH, HOME, TMPDIR, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let text = ''
  let heard = () => {}
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => { text += chunk; heard() })
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  t.after(() => child.kill('SIGKILL'))
  const hear = <T>(what: unknown, find: () => T | undefined) => new Promise<T>((resolve, reject) => {
    heard = () => {
      const found = find()
      if (found !== undefined) resolve(found)
    }
    heard()
    void ended.then((how) => { heard(); reject(new Error(`ended with ${how} before it said ${what}:\n${text}`)) })
  })
  const said = (pattern: RegExp) => hear(pattern, () => pattern.exec(text) ?? undefined)
  const saidTimes = (part: string, times: number) =>
    hear(`${part} ${times} times`, () => text.split(part).length > times ? true as const : undefined).then(() => {})
  return { child, output: () => text, said, saidTimes, ended }
}

/** A service, or both, from source. */
export const fromSource = (script: string, ...args: string[]) => ['--import', 'tsx', script, ...args]

/** Runs a command to its end; resolves with what it wrote and its exit code. */
export async function runToEnd (t: Scope, args: string[], env: Record<string, string> = {}) {
  const running = run(t, args, env)
  const code = await running.ended
  // 'exit' may come before the last piece of output.
  await Promise.all([running.child.stdout, running.child.stderr].map((stream) => stream!.readableEnded || once(stream!, 'end')))
  return { code, output: running.output() }
}
