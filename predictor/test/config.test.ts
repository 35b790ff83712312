import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readConfig } from '../src/config.ts'
import { ConfigError } from '../src/errors.ts'

/** Reads the configuration in an empty folder, with this environment and `.env` file only. */
function read (t: TestContext, variables: Record<string, string> = {}, dotenv?: string) {
  const [folder, cwd, environment] = [mkdtempSync(join(tmpdir(), 'config-')), process.cwd(), process.env]
  t.after(() => {
    process.chdir(cwd)
    process.env = environment
    rmSync(folder, { recursive: true })
  })
  process.chdir(folder)
  process.env = { ...variables }
  if (dotenv !== undefined) writeFileSync('.env', dotenv)
  return readConfig()
}

test('defaults', (t) => {
  const { config, warnings } = read(t)
  assert.deepEqual(warnings, [])
  const { modelDir, ...rest } = config
  assert.match(modelDir, /artifact[/\\]iris$/)
  assert.deepEqual(rest, {
    host: '127.0.0.1',
    port: 8000,
    adminHost: '127.0.0.1',
    adminPort: 9091,
    backend: 'auto',
    collector: undefined,
    logLevel: 'info',
    drainDelay: 0,
    shutdownTimeout: 35000,
    batches: { executionMax: 256, queueMax: 2048, rowsMax: 10000 }
  })
})

test('an empty value is an unset one, in the environment and in the file', (t) => {
  const { config } = read(t, { PREDICTOR_PORT: '', MODEL_DIR: '', LOG_LEVEL: '' }, 'PREDICTOR_PORT=8123\nLOG_LEVEL=\nTFJS_BACKEND=\n')
  assert.deepEqual([config.port, config.logLevel, config.backend], [8123, 'info', 'auto'])
  assert.match(config.modelDir, /iris$/)
})

test('the environment wins over the .env file', (t) => {
  const { config } = read(t, { LOG_LEVEL: 'warn' }, 'LOG_LEVEL=error\nTFJS_BACKEND=cpu\n')
  assert.deepEqual([config.logLevel, config.backend], ['warn', 'cpu'])
})

test('all mistakes are told together: name, what it takes, what it got', (t) => {
  assert.throws(() => read(t, { PREDICTOR_PORT: '0x10', PREDICTOR_ADMIN_PORT: '65536', DRAIN_DELAY_MS: '1e3', TFJS_BACKEND: 'gpu', LOG_LEVEL: 'loud' }),
    (error: Error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(error.message.split('; ').flatMap((part, i, all) => i % 2 === 0 ? [`${part}; ${all[i + 1]}`] : []).sort(), [
        'DRAIN_DELAY_MS must be a whole number of milliseconds from 0 to 2147483647; got "1e3"',
        'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; got "loud"',
        'PREDICTOR_ADMIN_PORT must be a whole number from 0 to 65535; got "65536"',
        'PREDICTOR_PORT must be a whole number from 0 to 65535; got "0x10"',
        'TFJS_BACKEND must be one of auto, tensorflow, wasm, cpu; got "gpu"'
      ])
      return true
    })
})

for (const value of ['-1', '1.0', ' 80', '8 0', '+80', 'tcp://10.0.0.1:8000', '８０']) {
  test(`a port is not ${JSON.stringify(value)}`, (t) => {
    assert.throws(() => read(t, { PREDICTOR_PORT: value }), /^ConfigError: PREDICTOR_PORT must be/)
  })
}

for (const name of ['BATCH_MAX', 'BATCH_QUEUE_MAX', 'BATCH_ROWS_MAX']) {
  test(`${name} is a whole number of rows, at least one`, (t) => {
    assert.equal(Object.values(read(t, { [name]: '77' }).config.batches).filter((rows) => rows === 77).length, 1)
  })
  for (const value of ['0', '-1', '1.5', '1e3', '1000001']) {
    test(`${name} is not ${value}`, (t) => {
      assert.throws(() => read(t, { [name]: value }), { message: `${name} must be a whole number of rows from 1 to 1000000; got "${value}"` })
    })
  }
}

test('a secret in the wrong variable is not repeated', (t) => {
  const secret = 'https://hooks.slack.com/services/T00/B00/abcdefgh'
  assert.throws(() => read(t, { LOG_LEVEL: secret }), (error: Error) => !error.message.includes('T00'))
})

test('almost-names are warned about, also those in the .env file; the gateway\'s names are not', (t) => {
  const { warnings } = read(t, { PREDICTOR_PROT: '1', HTTPS_PORT: '8443' }, 'MODEL_DRI=secret\n')
  assert.equal(warnings.length, 2)
  assert.ok(warnings.some((warning) => warning.startsWith('PREDICTOR_PROT ')) && warnings.some((warning) => warning.startsWith('MODEL_DRI ')))
  assert.ok(!warnings.join().includes('secret'))
})

test('a collector and its headers are read', (t) => {
  const { config } = read(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=one' })
  assert.deepEqual(config.collector, { endpoint: 'http://collector:4318', headers: { 'x-tenant': 'one' } })
})

for (const [name, value] of [['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://planted'], ['OTEL_EXPORTER_OTLP_HEADERS', 'planted']] as const) {
  test(`${name} is never shown`, (t) => {
    assert.throws(() => read(t, { [name]: value }), ({ message }: Error) => {
      assert.match(message, new RegExp(`^${name} must be .*; got a value of \\d+ characters, not shown$`))
      return true
    })
  })
}
