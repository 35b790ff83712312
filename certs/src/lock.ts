import { randomBytes } from 'node:crypto'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { CertsError } from './errors.ts'
import { readIfThere } from './store.ts'

/** The work under the lock takes well under a second. Times in ms. */
const RETRY = 25
const PATIENCE = 15_000
const UNREADABLE_FOR = 5_000
const HELD_FOR = 60_000

/**
 * Runs `work` while no other process, and nothing else in this one, does so with the same lock file.
 *
 * A lock is abandoned when its process is gone. When that can't be known (another machine or container shares the folder,
 * or the process id was given to another process after a restart), it is abandoned after a minute.
 *
 * @param path of the lock file; its folder must exist
 * @param patience ms to wait for the others
 * @throws CertsError when the lock is still held after that
 */
export async function withLock<T> (path: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), id: randomBytes(8).toString('hex') })
  const deadline = Date.now() + patience
  while (!create(path, mine)) {
    if (Date.now() > deadline) {
      throw new CertsError(`Another run has been at work for long; if there is none, delete ${path} and try again.`)
    }
    if (isAbandoned(path)) removeAbandoned(path)
    await wait(RETRY)
  }
  try {
    return await work()
  } finally {
    if (readIfThere(path) === mine) rmSync(path, { force: true })
  }
}

/**
 * Two waiting processes may find the same abandoned lock; without a guard the slower one would remove the lock that the
 * quicker one has just taken. The guard is held for three system calls, so an old one is abandoned itself.
 */
function removeAbandoned (path: string): void {
  const guard = `${path}.takeover`
  if (!create(guard, String(process.pid))) {
    if (age(guard) > UNREADABLE_FOR) rmSync(guard, { force: true })
    return
  }
  try {
    if (isAbandoned(path)) rmSync(path, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

function isAbandoned (path: string): boolean {
  const found = owner(path)
  // Created and not written yet, or its process was killed just between the two.
  if (found === undefined) return age(path) > UNREADABLE_FOR
  if (found.host === hostname() && !isRunning(found.pid)) return true
  return age(path) > HELD_FOR
}

function create (path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function owner (path: string): { pid: number, host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(readIfThere(path) ?? '')
    return Number.isInteger(pid) && pid > 0 ? { pid, host } : undefined
  } catch {
    return undefined
  }
}

/** @returns ms since the file was written; 0 when it is gone */
function age (path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? Date.now() - found.mtimeMs : 0
}

function isRunning (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
