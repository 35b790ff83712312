import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { answeredMore, startLoad } from './load.ts'
import { fromSource, run, runToEnd } from './process.ts'
import type { Running } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

const connections = 8

async function startPredictor (t: TestContext, port = '0'): Promise<Running & { url: string }> {
  const running = run(t, fromSource('predictor/src/server.ts'), { ...freePorts, PREDICTOR_PORT: port })
  const { url } = JSON.parse((await running.said(/^\{.*"msg":"listening".*\}$/m))[0])
  return { ...running, url }
}

async function startGateway (t: TestContext, upstreams: string[]) {
  const { env, ca } = await makeCertificates(t)
  const running = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts, ...env, PREDICTOR_URL: upstreams.join(), RATE_LIMIT_RPS: '0'
  })
  const { url } = JSON.parse((await running.said(/^\{.*"msg":"listening".*\}$/m))[0])
  return { ...running, url, ca, folder: dirname(env.TLS_CERT_FILE!) }
}

/** A port that nobody has just now. */
async function freePort (): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

test('a certificate renewed again and again under load loses no request', async (t) => {
  const { url } = await startPredictor(t)
  const gateway = await startGateway(t, [url])
  const load = startLoad({ url: gateway.url, ca: gateway.ca, connections })
  const times = process.env.CI ? 20 : 3
  for (let i = 1; i <= times; i++) {
    rmSync(join(gateway.folder, 'server.crt'))
    assert.equal((await runToEnd(t, fromSource('certs/src/cli.ts', 'dev', '--dir', gateway.folder))).code, 0)
    await gateway.saidTimes('"certificate reloaded"', i)
    await answeredMore(load, 10)
  }
  await load.stop()
  t.diagnostic(`${times} renewals: ${load.tally.sent} sent, ${load.tally.lost.length} lost`)
  assert.deepEqual(load.tally.lost, [])
})

test('an upstream killed under load loses at most what was in flight on it; back again, it is used again', async (t) => {
  const port = await freePort()
  const steady = await startPredictor(t)
  const killed = await startPredictor(t, port)
  const gateway = await startGateway(t, [steady.url, killed.url])
  const load = startLoad({ url: gateway.url, ca: gateway.ca, connections })
  await answeredMore(load, 200)
  killed.child.kill('SIGKILL')
  await gateway.said(/"upstream is down"/)
  await answeredMore(load, 200)
  const lost = [...load.tally.lost]
  await startPredictor(t, port)
  await gateway.said(/"upstream is up"/)
  await answeredMore(load, 200)
  await load.stop()
  t.diagnostic(`killed: ${load.tally.sent} sent, ${lost.length} lost; back: ${load.tally.lost.length - lost.length} lost`)
  assert.ok(lost.length <= connections, lost.join())
  assert.deepEqual([...new Set(lost)].filter((how) => how !== 'status 502'), [])
  assert.equal(load.tally.lost.length, lost.length)
})

test('an upstream added under load gets requests, and none is lost', async (t) => {
  const port = await freePort()
  const first = await startPredictor(t)
  const gateway = await startGateway(t, [first.url, `http://127.0.0.1:${port}`])
  await gateway.said(/"upstream is down"/)
  const load = startLoad({ url: gateway.url, ca: gateway.ca, connections })
  await answeredMore(load, 100)
  await startPredictor(t, port)
  await gateway.said(/"upstream is up"/)
  first.child.kill('SIGTERM')
  await first.ended
  await answeredMore(load, 200)
  await load.stop()
  t.diagnostic(`added, then the first one ended in order: ${load.tally.sent} sent, ${load.tally.lost.length} lost`)
  assert.deepEqual(load.tally.lost, [])
})
