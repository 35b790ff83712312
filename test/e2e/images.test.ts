import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { builtImages } from './containers/built-images.ts'
import { hasContainers } from './containers/engine.ts'
import type { Engine } from './containers/engine.ts'
import { filesOf } from './containers/files.ts'
import { root } from './process.ts'

const megabyte = 1e6
const limits = { gateway: 8 * megabyte, predictor: 15 * megabyte }
// As under `pnpm start`: Node.js' own.
const flags: Record<string, string[]> = { gateway: ['--max-semi-space-size=4'], predictor: [] }
const installers = /(^|\/)s?bin\/(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack|apt|apt-[a-z]+|dpkg|dpkg-[a-z]+)$/

test('images that `pnpm images` builds', async (t) => {
  if (!hasContainers(t)) return
  const { builder, output } = await builtImages()
  for (const service of ['gateway', 'predictor'] as const) {
    await t.test(`${service}: adds at most ${limits[service] / megabyte} MB`, (t) => smallAddition(t, output, service))
    await t.test(`${service}: holds the bundle and what it reads, and nothing that installs software`, () => onlyTheBundle(builder, service))
    await t.test(`${service}: says who it runs as, how it ends, how it is, what it is`, () => configuration(builder, service))
  }
})

function smallAddition (t: TestContext, output: string, service: 'gateway' | 'predictor'): void {
  const line = new RegExp(`^model-edge-${service}:.* ([\\d.]+) MB, of which ([\\d.]+) MB on top of`, 'm').exec(output)!
  t.diagnostic(line[0])
  const added = Number(line[2]) * megabyte
  assert.ok(added > 0 && added <= limits[service])
}

async function onlyTheBundle (builder: Engine, service: string): Promise<void> {
  const files = await filesOf(builder, `model-edge-${service}:local`)
  const ours = files.filter((path) => path.startsWith('app/'))
  assert.ok(ours.includes('app/server.js'))
  const expected = service === 'gateway'
    ? /^app\/[a-z-]+\.js$/
    : /^app\/([a-z-]+\.(js|wasm)|(artifact|web)\/.*)$/
  assert.deepEqual(ours.filter((path) => !expected.test(path)), [])
  assert.deepEqual(ours.filter((path) => /\.(ts|map|key|crt|pem|p12|csv|test\.js)$/.test(path) || path.includes('.env')), [])
  assert.deepEqual(files.filter((path) => installers.test(path)), [])
  assert.deepEqual(files.filter((path) => /^(build|usr\/local\/lib\/node_modules|root\/\.npm|root\/\.cache|root\/\.local|opt\/yarn)/.test(path)), [])
  assert.ok(files.includes('usr/local/bin/node'))
}

async function configuration (builder: Engine, service: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [image] = JSON.parse(await builder.podman('image', 'inspect', `model-edge-${service}:${version}`))
  const [local] = JSON.parse(await builder.podman('image', 'inspect', `model-edge-${service}:local`))
  assert.equal(image.Id, local.Id)
  const { User, StopSignal, Entrypoint, Cmd, Labels, Env } = image.Config
  assert.deepEqual([User, StopSignal, Entrypoint, Cmd ?? []], ['10001:10001', 'SIGTERM', ['node', ...flags[service]!, '/app/server.js'], []])
  assert.equal(image.Healthcheck.Test[0], 'CMD')
  assert.equal(image.Healthcheck.Test[1], 'node')
  assert.ok(Env.includes(`${service.toUpperCase()}_HOST=0.0.0.0`))
  assert.equal(Labels['org.opencontainers.image.version'], version)
  assert.equal(Labels['org.opencontainers.image.licenses'], 'MIT')
  assert.equal(Labels['org.opencontainers.image.title'], `model-edge ${service}`)
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' })
  const revision = status === 0 ? stdout.trim() : 'unknown'
  assert.equal(Labels['org.opencontainers.image.revision'].replace('-dirty', ''), revision)
  if (status === 0) assert.ok(image.RepoTags.some((tag: string) => tag.includes(`:${revision}`)))
}
