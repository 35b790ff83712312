import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** Whether `command` runs here. A test that needs it is skipped without it; under REQUIRE_TOOLS=1 it fails. */
export function hasTool (t: TestContext, command: string, ...versionArguments: string[]): boolean {
  if (spawnSync(command, versionArguments).status === 0) return true
  assert.notEqual(process.env.REQUIRE_TOOLS, '1', `${command} is not installed`)
  t.skip(`${command} is not installed`)
  return false
}

export const hasRedis = (t: TestContext): boolean => hasTool(t, 'redis-server', '--version')

/** A port that was free a moment ago. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface RedisProcess {
  port: number
  url: string
  /** SIGKILL, SIGSTOP, SIGCONT; resolves, for SIGKILL, when it is gone. */
  signal: (signal: NodeJS.Signals) => Promise<void>
}

/** A real Redis of the test's own, which ends with it. Resolves when it takes connections. */
export async function startRedis (t: TestContext, port: number, ...settings: string[]): Promise<RedisProcess> {
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...settings]
  const server = spawn('redis-server', own, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(server, 'exit')
  t.after(async () => {
    server.kill('SIGKILL')
    await exited
  })
  const output: string[] = []
  for await (const line of createInterface(server.stdout)) {
    output.push(line)
    if (line.includes('Ready to accept connections')) break
  }
  assert.match(output.at(-1) ?? '', /Ready to accept/, output.join('\n'))
  server.stdout.resume()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async signal (signal) {
      server.kill(signal)
      if (signal === 'SIGKILL') await exited
    }
  }
}
