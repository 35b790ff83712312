import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { ask, startGateway } from '../../helper.ts'

/** The SDK is CommonJS: what was loaded of it, however it was imported, is in this cache. */
const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@opentelemetry'))

test('without a collector nothing of the SDK is loaded; with one it is', async (t) => {
  const gateway = await startGateway(t)
  assert.equal((await ask(gateway)).status, 200)
  assert.equal(gateway.tracing, undefined)
  assert.deepEqual(loaded(), [])
  const traced = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
  assert.notEqual(traced.tracing, undefined)
  assert.notDeepEqual(loaded(), [])
})
