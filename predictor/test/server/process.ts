import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const server = fileURLToPath(new URL('../../src/server.ts', import.meta.url))

/** A predictor process and what it has written so far. */
export interface PredictorProcess {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  /** Its structured log lines. */
  lines: () => Record<string, unknown>[]
  /** Resolves with exit code and signal, after its output has been read to the end. */
  ended: Promise<[code: number | null, signal: string | null]>
}

interface Options { args?: string[], imports?: string[] }

/** Runs `src/server.ts` with exactly this environment, in a folder without a `.env` file; killed after the test. */
export function run (t: TestContext, env: Record<string, string>, { args = [], imports = [] }: Options = {}): PredictorProcess {
  const tsx = import.meta.resolve('tsx')
  const child = fork(server, args, {
    cwd: tmpdir(),
    env: { PREDICTOR_PORT: '0', PREDICTOR_ADMIN_PORT: '0', ...env },
    execArgv: ['--import', tsx, ...imports.flatMap((code) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  t.after(() => { child.kill('SIGKILL') })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (chunk: string) => { written[name] += chunk })
  }
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    lines: () => written.stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)),
    // Not the child's own 'close': after disconnect() it is never emitted.
    ended: Promise.all([once(child, 'exit'), once(child.stdout!, 'close'), once(child.stderr!, 'close')])
      .then(([exit]) => exit as [number | null, string | null])
  }
}

/** Runs a predictor until it listens. @returns it, and the URLs it tells its parent */
export async function started (t: TestContext, env: Record<string, string>, options?: Options) {
  const predictor = run(t, env, options)
  const first = await Promise.race([once(predictor.child, 'message'), predictor.ended])
  const [message] = first as [{ event: string, url: string, adminUrl: string }]
  if (message?.event !== 'listening') throw new Error(`the predictor ended: ${predictor.stdout()}${predictor.stderr()}`)
  return { ...predictor, url: message.url, adminUrl: message.adminUrl, message }
}

/** Resolves when the process has logged a line with this message. */
export async function logged (predictor: PredictorProcess, msg: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = predictor.lines().find((candidate) => candidate.msg === msg)
    if (line !== undefined) return line
    await once(predictor.child.stdout!, 'data')
  }
}
