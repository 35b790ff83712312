import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ask, startGateway, startUpstream, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

/** An upstream that names itself, and healthy unless said otherwise. */
async function named (t: TestContext, name: string, listener?: RequestListener) {
  return startUpstream(t, (request, response) => {
    if (request.url === '/v2/health/ready') response.end()
    else if (listener === undefined) response.end(name)
    else listener(request, response)
  })
}

async function answersOf (gateway: TestGateway, count: number): Promise<Record<string, number>> {
  const tally: Record<string, number> = {}
  for (let i = 0; i < count; i++) {
    const { status, body } = await ask(gateway)
    const key = status === 200 ? body : String(status)
    tally[key] = (tally[key] ?? 0) + 1
  }
  return tally
}

test('requests are spread over all upstreams', async (t) => {
  const upstreams = await Promise.all(['a', 'b', 'c'].map((name) => named(t, name)))
  const gateway = await startGateway(t, { PREDICTOR_URL: upstreams.map(({ url }) => url).join() })
  assert.deepEqual(await answersOf(gateway, 30), { a: 10, b: 10, c: 10 })
})

test('the least busy one is asked', async (t) => {
  let release: (() => void) | undefined
  const busy = await named(t, 'busy', (_request, response) => { release = () => response.end('busy') })
  const idle = await named(t, 'idle')
  const gateway = await startGateway(t, { PREDICTOR_URL: `${busy.url},${idle.url}` })
  // They take turns: of two requests at once, one is stuck.
  const two = [ask(gateway), ask(gateway)]
  await until(() => release !== undefined)
  assert.deepEqual(await answersOf(gateway, 10), { idle: 10 })
  release!()
  assert.deepEqual((await Promise.all(two)).map(({ body }) => body).sort(), ['busy', 'idle'])
})

test('one that can’t be reached costs no request; back again, it gets its share', async (t) => {
  const steady = await named(t, 'steady')
  const moody = createServer((_request, response) => response.end('moody')).listen(0, '127.0.0.1')
  await once(moody, 'listening')
  const { port } = moody.address() as AddressInfo
  const gateway = await startGateway(t, { PREDICTOR_URL: `${steady.url},http://127.0.0.1:${port}` })
  assert.deepEqual(await answersOf(gateway, 4), { steady: 2, moody: 2 })
  await end(moody)
  assert.deepEqual(await answersOf(gateway, 10), { steady: 10 })
  await until(() => gateway.logged.some(({ msg }) => msg === 'upstream is down'))
  const back = createServer((_request, response) => response.end('back')).listen(port, '127.0.0.1')
  t.after(() => end(back))
  await until(() => gateway.logged.some(({ msg }) => msg === 'upstream is up'))
  assert.deepEqual(await answersOf(gateway, 4), { steady: 2, back: 2 })
})

test('one that is not ready gets none; when none is, 503 with Retry-After', async (t) => {
  const ready = await named(t, 'ready')
  const starting = await startUpstream(t, (_request, response) => response.writeHead(503).end())
  const both = await startGateway(t, { PREDICTOR_URL: `${ready.url},${starting.url}` })
  assert.deepEqual(await answersOf(both, 4), { ready: 4 })
  const none = await startGateway(t, { PREDICTOR_URL: starting.url })
  assert.equal(none.upstreams.isReady, false)
  const { status, headers, json } = await ask(none)
  assert.equal(status, 503)
  assert.equal(json.code, 'UPSTREAM_NOT_READY')
  assert.equal(headers['retry-after'], '1')
})

test('a request whose bytes went out is never sent again', async (t) => {
  let attempts = 0
  const dying: RequestListener = (request) => { attempts++; request.socket.destroy() }
  const upstreams = await Promise.all([named(t, 'a', dying), named(t, 'b', dying)])
  const gateway = await startGateway(t, { PREDICTOR_URL: upstreams.map(({ url }) => url).join() })
  for (const method of ['GET', 'POST', 'PUT']) {
    attempts = 0
    assert.equal((await ask(gateway, { method })).status, 502)
    assert.equal(attempts, 1)
  }
})

test('one that fails again and again is left alone for a while, and then asked again', async (t) => {
  let asked = 0
  const failing = await named(t, 'failing', (request) => { asked++; request.socket.destroy() })
  const working = await named(t, 'working')
  const gateway = await startGateway(t, { PREDICTOR_URL: `${failing.url},${working.url}` })
  // One after another, so that both have equally little to do and take turns.
  assert.deepEqual(await answersOf(gateway, 20), { 502: 3, working: 17 })
  assert.equal(asked, 3)
  await until(() => asked > 3, () => ask(gateway))
})

function end (server: Server): Promise<unknown> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
