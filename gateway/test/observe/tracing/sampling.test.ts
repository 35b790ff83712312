import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, startGateway } from '../../helper.ts'
import { startCollector } from './collector.ts'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'
const never = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }

interface Case { what: string, env?: Record<string, string>, flags?: string, recorded: boolean }

const cases: Case[] = [
  { what: 'recorded by default', recorded: true },
  { what: 'not recorded at parentbased_always_off', env: never, recorded: false },
  { what: 'not recorded at a ratio of 0', env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, recorded: false },
  { what: 'recorded at a ratio of 1', env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, recorded: true },
  { what: 'recorded when a trusted caller does', env: { ...never, TRUST_PROXY: '127.0.0.1' }, flags: '01', recorded: true },
  { what: 'not recorded when a trusted caller does not', env: { TRUST_PROXY: '127.0.0.1' }, flags: '00', recorded: false },
  { what: 'not recorded because a stranger wants it', env: never, flags: '01', recorded: false },
  { what: 'recorded though a stranger does not want it', flags: '00', recorded: true }
]

for (const { what, env, flags, recorded } of cases) {
  test(`a trace is ${what}`, async (t) => {
    const collector = await startCollector(t)
    const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env })
    const { json } = await ask(gateway, flags === undefined ? {} : { headers: { traceparent: `00-${id}-${parent}-${flags}` } })
    if (flags !== undefined) assert.equal(json.headers.traceparent.split('-')[1], id)
    assert.match(json.headers.traceparent, recorded ? /-01$/ : /-00$/)
    await gateway.tracing!.close(Infinity)
    assert.equal(collector.spans.length, recorded ? 2 : 0)
  })
}
