import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { copyManifests, hasKubectl, overlays, render } from './kubernetes/kubectl.ts'
import { named } from './kubernetes/objects.ts'
import { temporaryFolder } from './stack.ts'
import { hasTool } from './tools.ts'

const password = 'a5c6f0d1'

/** A real Redis with an overlay's arguments and configuration; the password's file is as README's command makes it. */
async function startAsRendered (t: TestContext, overlay: string): Promise<number> {
  const objects = await render(await copyManifests(t), overlay)
  const folder = temporaryFolder(t)
  const files: Record<string, string> = {
    '/etc/redis/redis.conf': named(objects, 'ConfigMap', 'redis-config').data['redis.conf']!,
    '/etc/redis-auth/redis.conf': `requirepass ${password}`
  }
  const args = named(objects, 'Deployment', 'redis').spec.template.spec.containers[0]!.args!.map((argument) => {
    if (files[argument] === undefined) return argument
    const file = join(folder, argument.replaceAll('/', '-'))
    writeFileSync(file, files[argument])
    return file
  })
  const port = await freePort()
  const child = spawn('redis-server', [...args, '--port', String(port), '--bind', '127.0.0.1'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) break
  }
  child.stdout.resume()
  return port
}

async function ask (port: number, ...commands: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end([...commands, 'QUIT', ''].join('\r\n'))
  socket.setEncoding('utf8')
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

for (const overlay of overlays) {
  test(`Redis as deploy/${overlay} runs it: its configuration is right, nothing is kept on disk`, async (t) => {
    if (!hasKubectl(t) || !hasTool(t, 'redis-server', '--version')) return
    const port = await startAsRendered(t, overlay)
    const login = overlay === 'production' ? [`AUTH ${password}`] : []
    const settings = await ask(port, ...login, 'CONFIG GET maxmemory-policy', 'CONFIG GET save', 'CONFIG GET appendonly', 'CONFIG GET maxmemory')
    for (const expected of ['volatile-ttl', 'save\r\n$0\r\n', 'appendonly\r\n$2\r\nno', String(96 * 2 ** 20)]) {
      assert.ok(settings.includes(expected), `${expected}: ${settings}`)
    }
  })
}

test('Redis as deploy/production runs it lets nobody in without the password', async (t) => {
  if (!hasKubectl(t) || !hasTool(t, 'redis-server', '--version')) return
  const port = await startAsRendered(t, 'production')
  assert.match(await ask(port, 'GET key'), /^-NOAUTH/)
  assert.match(await ask(port, 'AUTH wrong'), /^-WRONGPASS/)
  assert.match(await ask(port, `AUTH ${password}`, 'GET key'), /^\+OK\r\n\$-1/)
})
