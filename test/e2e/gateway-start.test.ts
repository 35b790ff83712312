import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchOnce } from './https.ts'
import { fromSource, run, runToEnd } from './process.ts'
import { makeCertificates, temporaryFolder } from './stack.ts'

const gateway = 'gateway/src/server.ts'
const ports = { HTTPS_PORT: '0', HTTP_PORT: '0', GATEWAY_ADMIN_PORT: '0' }

test('every configuration mistake is told at once, before a port is opened; exit 1', async (t) => {
  const { code, output } = await runToEnd(t, fromSource(gateway), { HTTPS_PORT: 'x', LOG_LEVEL: 'loud' })
  assert.equal(code, 1)
  assert.equal(output, 'gateway: HTTPS_PORT is "x". It takes a port number from 0 (any free one) to 65535.\n' +
    'gateway: LOG_LEVEL is "loud". It takes one of silent, fatal, error, warn, info, debug, trace.\n')
})

test('a missing certificate is told with what makes one; exit 1', async (t) => {
  const { code, output } = await runToEnd(t, fromSource(gateway), { TLS_CERT_FILE: '/nowhere/c', TLS_KEY_FILE: '/nowhere/k' })
  assert.equal(code, 1)
  assert.match(output, /^gateway: TLS_CERT_FILE \(\/nowhere\/c\) is not there\. `pnpm certs dev` makes a local one\.$/m)
})

test('--check says what is wrong, or that all is right, and starts nothing', async (t) => {
  const { env } = await makeCertificates(t)
  const right = await runToEnd(t, fromSource(gateway, '--check'), { ...env, ...ports, HTTP2: 'off', PREDICTOR_URL: 'http://127.0.0.1:1' })
  assert.equal(right.code, 0)
  assert.match(right.output, /^gateway: The certificate is valid until \d{4}-.*\.\ngateway: HTTP\/2 is off\.\n/)
  assert.match(right.output, /^gateway: The upstream http:\/\/127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)\.$/m)
  assert.match(right.output, /^gateway: The configuration and the certificates are right\.$/m)
  const wrong = await runToEnd(t, fromSource(gateway, '--check'), { TLS_CERT_FILE: env.TLS_KEY_FILE!, TLS_KEY_FILE: env.TLS_CERT_FILE! })
  assert.equal(wrong.code, 1)
  assert.match(wrong.output, /^gateway: TLS_CERT_FILE .* is not a PEM certificate\.$/m)
  assert.equal((await runToEnd(t, fromSource(gateway, '--chekc'))).code, 1)
})

test('--check tells mistakes of configuration and certificates together', async (t) => {
  const { code, output } = await runToEnd(t, fromSource(gateway, '--check'), { HTTPS_PORT: 'x', TLS_CERT_FILE: '/nowhere/c', TLS_KEY_FILE: '/nowhere/k' })
  assert.equal(code, 1)
  assert.deepEqual(output.trim().split('\n').map((line) => line.split(' ')[1]), ['HTTPS_PORT', 'TLS_CERT_FILE', 'TLS_KEY_FILE'])
})

test('without an upstream it runs, is not ready, and answers 502', async (t) => {
  const { env, ca } = await makeCertificates(t)
  const running = run(t, fromSource(gateway), { ...env, ...ports, PREDICTOR_URL: 'http://127.0.0.1:1' })
  const [line] = await running.said(/^\{.*"msg":"listening".*\}$/m)
  const { url, adminUrl } = JSON.parse(line)
  assert.equal((await fetchOnce(`${adminUrl}/healthz`)).status, 200)
  assert.equal((await fetchOnce(`${adminUrl}/readyz`)).status, 503)
  assert.equal((await fetchOnce(`${url}/`, { ca })).status, 502)
})

test('a .env file in the working folder is read', async (t) => {
  const { env } = await makeCertificates(t)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), 'LOG_LEVEL=shout\n')
  const script = new URL('../../gateway/src/server.ts', import.meta.url).pathname
  const tsx = import.meta.resolve('tsx')
  const running = run(t, ['--import', tsx, script, '--check'], env, folder)
  assert.equal(await running.ended, 1)
  assert.match(running.output(), /LOG_LEVEL is "shout"/)
})

test('the example .env is taken as it stands', async (t) => {
  const { env } = await makeCertificates(t)
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  const folder = temporaryFolder(t)
  // With every line in force, not only the ones that are.
  writeFileSync(join(folder, '.env'), example.replaceAll(/^# ?(?=[A-Z0-9_]+=)/gm, ''))
  const script = new URL('../../gateway/src/server.ts', import.meta.url).pathname
  const running = run(t, ['--import', import.meta.resolve('tsx'), script, '--check'], env, folder)
  assert.equal(await running.ended, 0, running.output())
})
