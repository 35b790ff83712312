import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Scope } from './process.ts'

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/** A real Redis of the test's own on `port`, gone with it. Resolves when it takes connections, with what kills it. */
export async function startRedis (t: Scope, port: number): Promise<{ kill: () => Promise<void> }> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'notice']
  const child = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  t.after(kill)
  // Also when the test process ends without getting that far.
  process.once('exit', () => child.kill('SIGKILL'))
  const output: string[] = []
  for await (const line of createInterface(child.stdout)) {
    output.push(line)
    if (!line.includes('Ready to accept connections')) continue
    child.stdout.resume()
    return { kill }
  }
  throw new Error(`Redis did not start:\n${output.join('\n')}`)
}
