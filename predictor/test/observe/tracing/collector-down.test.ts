import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logged, started } from '../../server/process.ts'

const traced = { 'content-type': 'application/json', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }

test('without its collector the predictor answers, says so, and ends in order and in time', async (t) => {
  const predictor = await started(t, {
    TFJS_BACKEND: 'cpu', SHUTDOWN_TIMEOUT_MS: '1500', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:planted-1@127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=planted-2'
  })
  for (let i = 0; i < 20; i++) {
    const { status } = await fetch(`${predictor.url}/predict`, { method: 'POST', headers: traced, body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}' })
    assert.equal(status, 200)
  }
  predictor.child.kill('SIGTERM')
  const { level } = await logged(predictor, 'trace export failed')
  assert.equal(level, 40)
  assert.deepEqual(await predictor.ended, [0, null])
  assert.equal(predictor.lines().filter(({ msg }) => msg === 'trace export failed').length, 1)
  assert.equal(predictor.lines().at(-1)!.msg, 'drained')
  assert.doesNotMatch(predictor.stdout() + predictor.stderr(), /planted/)
})
