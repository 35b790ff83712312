import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config.ts'

function mistakesOf (environment: Record<string, string>): string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    return (error as { mistakes: string[] }).mistakes
  }
  return []
}

test('where spans go, with which headers, and how many of them', () => {
  const { config, warnings } = loadConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:pass@collector:4318/tenant',
    OTEL_EXPORTER_OTLP_HEADERS: ' authorization = Basic%20YTpi, x-tenant=a=b ,x-empty=',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25'
  })
  assert.equal(config.OTEL_EXPORTER_OTLP_ENDPOINT, 'https://user:pass@collector:4318/tenant')
  assert.deepEqual(config.OTEL_EXPORTER_OTLP_HEADERS, { authorization: 'Basic YTpi', 'x-tenant': 'a=b', 'x-empty': '' })
  assert.equal(config.OTEL_TRACES_SAMPLER_ARG, 0.25)
  assert.deepEqual(warnings, [])
})

test('what is no collector, header, sampler or ratio is told, and secrets are not shown', () => {
  for (const [name, values] of Object.entries({
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'grpc://planted', 'http://', 'http://planted/?token=1', 'http://planted/#a'],
    OTEL_EXPORTER_OTLP_HEADERS: ['planted', '=planted', 'a b=planted', 'a=%zz', 'a=planted%0d%0ab', 'a=planted,,b=1'],
    OTEL_TRACES_SAMPLER: ['always_on', 'jaeger_remote'],
    OTEL_TRACES_SAMPLER_ARG: ['1.5', '-1', '1e-3', '.5', 'all']
  })) {
    for (const value of values) {
      const [mistake, ...more] = mistakesOf({ [name]: value })
      assert.match(mistake ?? '', new RegExp(`^${name} is `), value)
      assert.doesNotMatch(mistake!, /planted/)
      assert.deepEqual(more, [])
    }
  }
})
