import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { BenchScope } from './scope.ts'

const execute = promisify(execFile)

/** The first of the programs that runs with these arguments, whatever it exits with. */
export function installed (places: string[], ...args: string[]): string | undefined {
  return places.find((place) => spawnSync(place, args, { stdio: 'ignore' }).error === undefined)
}

/** Runs a load generator to its end. @returns what it wrote on standard output */
export async function runTool (scope: BenchScope, command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await execute(command, args, { env: { ...process.env, ...env }, signal: scope.signal, maxBuffer: 1 << 24 })
  return stdout
}

/** A Python with which the Flask peer runs: Debian's packages are not seen by another Python that comes first in PATH. */
export const python = ['python3', '/usr/bin/python3'].find((place) =>
  spawnSync(place, ['-c', 'import flask, gunicorn, sklearn'], { stdio: 'ignore' }).status === 0)

export const wrk = installed(['wrk'], '-v')
export const openssl = installed(['openssl'], 'version')
