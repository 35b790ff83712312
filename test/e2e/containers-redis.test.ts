import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { builtImages } from './containers/built-images.ts'
import { startCompose } from './containers/compose.ts'
import { hasContainers, startEngine } from './containers/engine.ts'
import type { Engine } from './containers/engine.ts'
import { inside } from './containers/inside.ts'
import { standInBase } from './containers/stand-in-base.ts'
import { predict } from './https.ts'
import { temporaryFolder } from './stack.ts'
import { hasTool } from './tools.ts'

// The image that compose.yaml names.
const redisImage = 'docker.io/valkey/valkey:9.0.3-alpine'

/** Debian's Redis under the name of the image that cannot be pulled: the same protocol, settings and limits. */
async function standInRedis (t: TestContext, engine: Engine): Promise<void> {
  const folder = temporaryFolder(t)
  const program = execFileSync('which', ['redis-server'], { encoding: 'utf8' }).trim()
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/=> (\S+)/g)
  mkdirSync(join(folder, 'libraries'))
  for (const [, path] of libraries) cpSync(path!, join(folder, 'libraries', basename(path!)), { dereference: true })
  cpSync(program, join(folder, 'valkey-server'), { dereference: true })
  cpSync(execFileSync('which', ['redis-cli'], { encoding: 'utf8' }).trim(), join(folder, 'valkey-cli'), { dereference: true })
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${standInBase}
ENV LD_LIBRARY_PATH=/opt/redis
COPY libraries /opt/redis
COPY valkey-server valkey-cli /usr/local/bin/
`)
  const { code, stderr } = await engine.outcome('buildah', ['build', '--tag', redisImage, folder])
  assert.equal(code, 0, stderr)
}

test('with Redis, the gateway’s rate limit is kept there, and nobody else reaches it', async (t) => {
  if (!hasContainers(t) || !hasTool(t, 'redis-server', '--version')) return
  const engine = startEngine(t, (await builtImages()).store)
  await standInRedis(t, engine)
  const stack = await startCompose(t, {
    engine, args: ['up', '--detach', 'redis', 'gateway'], env: { RATE_LIMIT_STORE_URL: 'redis://redis:6379' }
  })
  const { name, url, ca } = stack
  await engine.said(name('gateway_1'), /"msg":"listening"/)
  assert.equal((await predict(url, ca)).status, 200)
  const metrics = await inside(stack, 'gateway_1', "fetch('http://127.0.0.1:9090/metrics').then((answer) => answer.text()).then(console.log)")
  assert.match(metrics, /^gateway_rate_limit_store_connected 1$/m)
  assert.match(metrics, /^gateway_rate_limit_store_failures_total 0$/m)
  const [details] = JSON.parse(await engine.podman('inspect', name('redis_1')))
  assert.deepEqual(Object.keys(details.NetworkSettings.Networks), [name('store')])
  assert.deepEqual([details.HostConfig.ReadonlyRootfs, details.Config.User], [true, '10001:10001'])
  await engine.podman('healthcheck', 'run', name('redis_1'))
})
