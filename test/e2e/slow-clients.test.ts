import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { answeredMore, startLoad } from './load.ts'
import { fromSource, run } from './process.ts'
import type { Running } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

const ofEachKind = 100

// Of 500, a few are just being let go and coming back.
const nearlyAllHeld = /"held":(?:4[89]\d|500),/

const limits = {
  HTTP2: 'on',
  COALESCE_MAX: '0',
  RATE_LIMIT_RPS: '0',
  MAX_CONNECTIONS_PER_CLIENT: '10',
  HANDSHAKE_TIMEOUT_MS: '5000',
  HEADERS_TIMEOUT_MS: '5000',
  REQUEST_TIMEOUT_MS: '5000',
  KEEP_ALIVE_TIMEOUT_MS: '1000'
}

/** An upstream with one path whose answer never ends. */
async function startUpstream (t: TestContext): Promise<string> {
  const piece = Buffer.alloc(65536, 'x')
  const server = createServer(({ url }, response) => {
    if (url !== '/large') return response.end('fine')
    const more = () => { while (!response.destroyed && response.write(piece)); }
    response.on('drain', more)
    more()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const slowClients = (t: TestContext, url: string): Running =>
  run(t, fromSource('test/e2e/slow-clients.ts', new URL(url).port, String(ofEachKind)))

test('five hundred clients that hold their connections open keep no other from being answered, and are let go', { timeout: 90_000 }, async (t) => {
  const { env, ca } = await makeCertificates(t)
  const PREDICTOR_URL = await startUpstream(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...env, ...limits, PREDICTOR_URL })
  const { url } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])

  const first = slowClients(t, url)
  await first.said(nearlyAllHeld)
  const honest = startLoad({ url, ca, connections: 5 })
  await answeredMore(honest, 100)

  // Each address has room for one lot of them only. Stopped, the first closes nothing: the gateway has to.
  first.child.kill('SIGSTOP')
  const second = slowClients(t, url)
  await second.said(nearlyAllHeld)
  await answeredMore(honest, 100)
  await honest.stop()
  assert.deepEqual(honest.tally.lost, [])
})
