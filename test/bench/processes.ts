import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../e2e/process.ts'
import type { BenchScope } from './scope.ts'

/** A process under measurement. What it writes goes to a file, as a log does in production. */
export interface Started {
  child: ChildProcess
  pid: number
  logFile: string
  /** Ends it and waits until it is gone. */
  stop: () => Promise<void>
}

let started = 0

/** Starts a program in the project's folder; ended with the scope at the latest. */
export function start (scope: BenchScope, command: string, args: string[], env: Record<string, string> = {}): Started {
  const logFile = join(scope.folder, `process-${++started}.log`)
  const log = openSync(logFile, 'a')
  const { PATH, HOME, TMPDIR } = process.env
  // The services tell their addresses over the IPC channel, and end when it closes.
  const child = spawn(command, args, { cwd: root, env: { PATH, HOME, TMPDIR, ...env }, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)
  const exited = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await exited
  }
  scope.after(stop)
  return { child, pid: child.pid!, logFile, stop }
}

/** What the process tells its parent first. @throws Error with its log when it ends before */
export async function told <T> ({ child, logFile }: Started): Promise<T> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end)
  try {
    const [first] = await once(child, 'message', { signal: ended.signal })
    return first as T
  } catch (cause) {
    throw new Error(`${child.spawnargs.join(' ')} ended before it was ready:\n${readFileSync(logFile, 'utf8')}`, { cause })
  } finally {
    child.off('exit', end)
  }
}
