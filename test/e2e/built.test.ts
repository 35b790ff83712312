import assert from 'node:assert/strict'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { startCollector } from './collector.ts'
import { fetchOnce, predict } from './https.ts'
import { fromSource, root, run, runToEnd } from './process.ts'
import { freePorts, makeCertificates, startStack, temporaryFolder } from './stack.ts'

before(async () => {
  const { code, output } = await runToEnd({ after: () => {} }, fromSource('deploy/build.ts'))
  assert.equal(code, 0, output)
})

test('what `pnpm build` made runs with `pnpm start`', async (t) => {
  const stack = await startStack(t, {}, 'start')
  assert.equal((await predict(stack.url, stack.ca)).body, '{"iris_type":"Iris-setosa"}')
  stack.local.child.kill('SIGTERM')
  assert.equal(await stack.local.ended, 0)
})

test('a bundle needs nothing but its own folder', async (t) => {
  const folder = temporaryFolder(t)
  for (const service of ['gateway', 'predictor']) cpSync(join(root, service, 'dist'), join(folder, service), { recursive: true })
  const { env, ca } = await makeCertificates(t)
  const predictor = run(t, [join(folder, 'predictor/server.js')], freePorts, folder)
  const [predictorLine] = await predictor.said(/^\{.*"msg":"listening".*\}$/m)
  const PREDICTOR_URL = JSON.parse(predictorLine).url
  const gateway = run(t, [join(folder, 'gateway/server.js')], { ...freePorts, ...env, PREDICTOR_URL }, folder)
  const [gatewayLine] = await gateway.said(/^\{.*"msg":"listening".*\}$/m)
  const { url, adminUrl } = JSON.parse(gatewayLine)
  assert.equal((await predict(url, ca)).body, '{"iris_type":"Iris-setosa"}')
  assert.equal((await fetchOnce(`${adminUrl}/readyz`)).status, 200)
})

test('trace export is a file of its own, which is read only where there is a collector', async (t) => {
  const folder = temporaryFolder(t)
  cpSync(join(root, 'gateway/dist'), folder, { recursive: true })
  const { env, ca } = await makeCertificates(t)
  const collector = await startCollector(t)
  const start = async (more: Record<string, string>) => {
    const gateway = run(t, [join(folder, 'server.js')], { ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1', ...more }, folder)
    return JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0]).url
  }
  await predict(await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }), ca)
  const [span] = await collector.collected(1)
  assert.equal(span!.service, 'gateway')
  rmSync(join(folder, 'otlp.js'))
  assert.equal((await predict(await start({}), ca)).status, 502)
})

test('both bundles take --check', async (t) => {
  const { env } = await makeCertificates(t)
  assert.equal((await runToEnd(t, ['gateway/dist/server.js', '--check'], env)).code, 0)
  const { code, output } = await runToEnd(t, ['predictor/dist/server.js', '--check'])
  assert.equal(code, 0)
  assert.match(output, /iris/)
  assert.equal((await runToEnd(t, ['predictor/dist/server.js', '--check'], { MODEL_DIR: '/nowhere' })).code, 1)
})

test('no key, certificate or source gets into a bundle’s folder', () => {
  const files = ['gateway', 'predictor'].flatMap((service) => readdirSync(join(root, service, 'dist'), { recursive: true, encoding: 'utf8' }))
  assert.ok(files.includes('server.js'))
  assert.deepEqual(files.filter((name) => /\.(ts|key|crt|pem|env)$/.test(name)), [])
  assert.ok(existsSync(join(root, 'predictor/dist/artifact/iris/1/model.json')))
})
