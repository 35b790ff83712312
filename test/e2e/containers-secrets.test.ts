import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { cpSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fromSource, root, run } from './process.ts'
import { temporaryFolder } from './stack.ts'

/** A copy of what `pnpm compose` needs, beside programs that do nothing in the place of podman's. */
function copyOfProject (t: TestContext): { folder: string, PATH: string } {
  const folder = temporaryFolder(t)
  const withoutLocalFiles = (path: string) => !/node_modules|certs\/local|deploy\/secrets/.test(path.slice(root.length))
  for (const name of ['deploy', 'certs', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true, filter: withoutLocalFiles })
  for (const name of ['node_modules', 'certs/node_modules', 'deploy/node_modules']) symlinkSync(join(root, name), join(folder, name))
  const programs = temporaryFolder(t)
  writeFileSync(join(programs, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  writeFileSync(join(programs, 'podman'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  writeFileSync(join(programs, 'podman-compose'), '#!/bin/sh\necho "secrets are in $MODEL_EDGE_SECRETS; $*"\n', { mode: 0o755 })
  return { folder, PATH: `${programs}:${process.env.PATH}` }
}

test('`pnpm compose up` makes secrets that only their owner gets at and a container can read', async (t) => {
  const { folder, PATH } = copyOfProject(t)
  const secrets = join(folder, 'deploy/secrets')
  const mode = (name: string) => (statSync(join(secrets, name)).mode & 0o777).toString(8)
  const read = (name: string) => readFileSync(join(secrets, name), 'utf8')
  const up = async () => {
    const running = run(t, fromSource('deploy/compose.ts', 'up', '--detach'), { PATH }, folder)
    await running.said(/secrets are in .*deploy\/secrets; --project-name model-edge --file deploy\/compose.yaml up --detach/)
    assert.equal(await running.ended, 0, running.output())
  }

  await up()
  assert.deepEqual(['', 'tls'].map(mode), ['700', '755'])
  assert.deepEqual(['tls/tls.crt', 'tls/tls.key', 'tls/ca.crt', 'gateway.env', 'grafana-password'].map(mode), Array(5).fill('644'))
  assert.throws(() => read('tls/ca.key'), { code: 'ENOENT' })
  const first = new X509Certificate(read('tls/tls.crt'))
  assert.ok(first.checkPrivateKey(createPrivateKey(read('tls/tls.key'))))
  assert.ok(read('grafana-password').length >= 20)

  writeFileSync(join(secrets, 'gateway.env'), 'LOG_LEVEL=debug\n')
  const password = read('grafana-password')
  rmSync(join(folder, 'certs/local/server.crt'))
  await up()
  assert.notEqual(new X509Certificate(read('tls/tls.crt')).serialNumber, first.serialNumber)
  assert.deepEqual([read('gateway.env'), read('grafana-password')], ['LOG_LEVEL=debug\n', password])
})
