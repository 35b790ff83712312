import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig, readEnvironment } from '../src/config.ts'
import { settings } from '../src/config/settings.ts'
import { temporaryFolder } from './credentials.ts'

function mistakes (environment: Record<string, string>): string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    return (error as { mistakes: string[] }).mistakes
  }
  return []
}

test('an empty environment gives the defaults', () => {
  const { config, warnings } = loadConfig({})
  assert.equal(config.HTTPS_PORT, 8443)
  assert.equal(config.HTTP_PORT, 8080)
  assert.deepEqual(config.PREDICTOR_URL, ['http://127.0.0.1:8000'])
  assert.equal(config.HSTS_MAX_AGE, undefined)
  assert.match(config.TLS_CERT_FILE, /certs\/local\/server\.crt$/)
  assert.deepEqual(warnings, [])
})

test('an empty value is an unset one', () => {
  const empty = Object.fromEntries(Object.keys(settings).map((name) => [name, '']))
  assert.deepEqual(loadConfig(empty), loadConfig({}))
})

test('values are parsed', () => {
  const { config } = loadConfig({
    HTTP_PORT: 'off', RATE_LIMIT_RPS: '0.5', ALLOWED_HOSTS: 'Example.org, ::1', TRUST_PROXY: '10.0.0.0/8,fd00::/8', PREDICTOR_URL: 'http://a:1,http://b:2/'
  })
  assert.equal(config.HTTP_PORT, 'off')
  assert.equal(config.RATE_LIMIT_RPS, 0.5)
  assert.deepEqual(config.ALLOWED_HOSTS, ['example.org', '[::1]'])
  assert.deepEqual(config.PREDICTOR_URL, ['http://a:1', 'http://b:2'])
  assert.equal(config.TRUST_PROXY.check('10.1.2.3'), true)
  assert.equal(config.TRUST_PROXY.check('11.1.2.3'), false)
  assert.equal(config.TRUST_PROXY.check('fd00::1', 'ipv6'), true)
})

for (const [name, value] of [
  ['HTTPS_PORT', '0x10'], ['HTTPS_PORT', '65536'], ['HTTPS_PORT', ' 1'], ['HTTPS_PORT', '-1'], ['HTTPS_PORT', '1e3'],
  ['HTTP_PORT', 'none'], ['PUBLIC_HTTPS_PORT', '0'], ['TLS_MIN_VERSION', 'TLSv1.1'], ['HTTP2', 'yes'], ['HSTS_MAX_AGE', '1.5'],
  ['PREDICTOR_URL', 'predictor:8000'], ['PREDICTOR_URL', 'https://x'], ['PREDICTOR_URL', 'http://x/path'], ['PREDICTOR_URL', 'http://u:p@x'],
  ['RATE_LIMIT_RPS', '-1'], ['RATE_LIMIT_BURST', '0'], ['TRUST_PROXY', '1'], ['TRUST_PROXY', '10.0.0.0/33'], ['TRUST_PROXY', 'true'],
  ['ALLOWED_HOSTS', 'a b'], ['ALLOWED_HOSTS', 'http://x'], ['UPSTREAM_HEALTH_PATH', 'health'], ['REQUEST_TIMEOUT_MS', '2147483648'],
  ['LOG_LEVEL', 'verbose'], ['RATE_LIMIT_STORE_URL', 'localhost:6379']
]) {
  test(`${name}=${value} is refused with its name, what it got and what it takes`, () => {
    const [mistake, ...more] = mistakes({ [name!]: value! })
    assert.deepEqual(more, [])
    const got = name === 'RATE_LIMIT_STORE_URL' ? '(not shown)' : JSON.stringify(value)
    assert.ok(mistake?.startsWith(`${name} is ${got}. It takes `), mistake)
  })
}

test('all mistakes are told together', () => {
  const told = mistakes({ HTTPS_PORT: 'x', LOG_LEVEL: 'x', BODY_LIMIT: 'x' })
  assert.deepEqual(told.map((mistake) => mistake.split(' ', 1)[0]), ['HTTPS_PORT', 'BODY_LIMIT', 'LOG_LEVEL'])
})

test('settings that contradict each other are refused', () => {
  assert.match(mistakes({ HTTPS_PORT: '9000', HTTP_PORT: '9000' })[0]!, /^HTTP_PORT and HTTPS_PORT are both 9000/)
  assert.match(mistakes({ DRAIN_DELAY_MS: '5', SHUTDOWN_TIMEOUT_MS: '5' })[0]!, /^DRAIN_DELAY_MS is 5/)
  assert.match(mistakes({ HEADERS_TIMEOUT_MS: '6', REQUEST_TIMEOUT_MS: '5' })[0]!, /^HEADERS_TIMEOUT_MS is 6/)
})

test('a name that is almost a setting is warned about, one that belongs to the predictor is not', () => {
  const { warnings } = loadConfig({ HTPS_PORT: '1', RATE_LIMT_RPS: '1', PREDICTOR_PORT: '1', BATCH_MAX: '1', PATH: '/bin', SSL_CERT_FILE: '/x' })
  assert.deepEqual(warnings, [
    'HTPS_PORT is not a setting. Was HTTPS_PORT meant?',
    'RATE_LIMT_RPS is not a setting. Was RATE_LIMIT_RPS meant?'
  ])
})

test('a .env file is read; the environment goes before it', (t) => {
  const file = join(temporaryFolder(t), '.env')
  writeFileSync(file, 'HTTPS_PORT=1111\nGATEWAY_TEST_ENV=file\nGATEWAY_TEST_EMPTY=file\n')
  Object.assign(process.env, { GATEWAY_TEST_ENV: 'environment', GATEWAY_TEST_EMPTY: '' })
  t.after(() => {
    delete process.env.GATEWAY_TEST_ENV
    delete process.env.GATEWAY_TEST_EMPTY
  })
  const environment = readEnvironment(file)
  assert.equal(environment.HTTPS_PORT, '1111')
  assert.equal(environment.GATEWAY_TEST_ENV, 'environment')
  assert.equal(environment.GATEWAY_TEST_EMPTY, 'file')
})
