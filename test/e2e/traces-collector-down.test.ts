import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { fetchOnce } from './https.ts'
import { fromSource, run } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

test('a collector that takes connections and nothing else changes no answer, and the end is in order and in time', async (t) => {
  const sockets: Socket[] = []
  const collector = createServer((socket) => { sockets.push(socket) }).listen(0, '127.0.0.1')
  t.after(() => { for (const socket of sockets) socket.destroy(); collector.close() })
  await once(collector, 'listening')
  const { env, ca } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts,
    ...env,
    PREDICTOR_URL: 'http://127.0.0.1:1',
    SHUTDOWN_TIMEOUT_MS: '2000',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  })
  const { url } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  for (let i = 0; i < 20; i++) assert.equal((await fetchOnce(url, { ca })).status, 502)
  gateway.child.kill('SIGTERM')
  assert.equal(await gateway.ended, 0)
  assert.equal(gateway.output().split('trace export failed').length, 2)
  assert.match(gateway.output(), /"msg":"drained"/)
})
