import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasTool, newFolder, runCli } from './helper.ts'

function curl (...args: string[]): Promise<{ code: number, stdout: string }> {
  return new Promise((resolve) => {
    execFile('curl', ['--silent', '--noproxy', '*', ...args], (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), stdout })
    })
  })
}

test('curl talks to a server with the certificate when it trusts ca.crt, and refuses when it does not', async (t) => {
  if (!hasTool(t, 'curl', '--version')) return
  const directory = newFolder(t)
  assert.equal((await runCli(['dev', '--dir', directory])).code, 0)
  const ca = join(directory, 'ca.crt')
  const read = (file: string) => readFileSync(join(directory, file))
  const server = createServer({ cert: read('server.crt'), key: read('server.key') }, (_request, response) => response.end('hello'))
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo

  assert.deepEqual(await curl('--cacert', ca, `https://127.0.0.1:${port}/`), { code: 0, stdout: 'hello' })
  const toServer = (name: string) => ['--connect-to', `${name}:${port}:127.0.0.1:${port}`, `https://${name}:${port}/`]
  assert.deepEqual(await curl('--cacert', ca, ...toServer('localhost')), { code: 0, stdout: 'hello' })
  const verificationFailed = 60
  assert.equal((await curl('--cacert', ca, ...toServer('example.com'))).code, verificationFailed)
  assert.equal((await curl(`https://127.0.0.1:${port}/`)).code, verificationFailed)
})
