import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ask, startGateway, until } from '../../helper.ts'
import type { TestGateway } from '../../helper.ts'
import { startCollector } from './collector.ts'

const garbage = 'planted '.repeat(10_000)
const misbehaving: [what: string, respond: (response: ServerResponse) => void][] = [
  ['answers 400 at length', (response) => { response.writeHead(400).end(garbage) }],
  ['answers 500 with nothing', (response) => { response.writeHead(500).end() }],
  ['takes the spans and answers garbage', (response) => { response.writeHead(200, { 'content-type': 'application/json' }).end(garbage) }],
  ['has not taken all', (response) => { response.end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}') }]
]

const told = ({ logged }: TestGateway) => logged.filter(({ msg }) => msg === 'trace export failed')

for (const [what, respond] of misbehaving) {
  test(`a collector that ${what} is told of once, and requests are answered`, async (t) => {
    const collector = await startCollector(t, (_request, response) => respond(response))
    const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    for (const exports of [1, 2, 3]) {
      assert.equal((await ask(gateway)).status, 200)
      await until(() => collector.exports.length === exports)
    }
    await until(() => told(gateway).length > 0)
    assert.equal(told(gateway).length, 1)
    assert.doesNotMatch(JSON.stringify(gateway.logged), /planted planted/)
  })
}

test('a collector that is not there is told of, and tried again', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })
  assert.equal((await ask(gateway)).status, 200)
  await until(() => told(gateway).length === 1)
  assert.match(told(gateway)[0]!.reason as string, /ECONNREFUSED/)
  assert.equal(told(gateway)[0]!.spans, 2)
})

test('a collector that never answers holds neither the memory nor the end', async (t) => {
  const held: ServerResponse[] = []
  const collector = await startCollector(t, (_request, response) => { held.push(response) })
  const gateway = await startGateway(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const request = {
    trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', parentId: undefined, sampled: true, random: false, state: undefined },
    trip: undefined,
    start: performance.now(),
    requestId: 'x',
    method: 'GET',
    scheme: 'https' as const,
    host: 'localhost',
    path: '/',
    httpVersion: '1.1',
    client: { address: '127.0.0.1', chain: ['127.0.0.1'] },
    status: 200,
    code: undefined
  }
  for (let i = 0; i < 20_000; i++) gateway.tracing!.record(request)
  await until(() => held.length > 0)
  await gateway.tracing!.close(performance.now() + 1000)
  assert.ok(collector.spans.length <= 4096 + 512, `${collector.spans.length} spans were kept`)
  assert.match(JSON.stringify(told(gateway)), /not taken in time/)
})
