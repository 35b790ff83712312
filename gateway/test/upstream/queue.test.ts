import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { requestsAtOnce } from '../../src/upstream/backend.ts'
import { ask, connectTo, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const roomy = { RATE_LIMIT_RPS: '0', MAX_CONNECTIONS_PER_CLIENT: '1000' }

/** A gateway before an upstream that holds every answer back, with all the upstream's places taken. */
async function full (t: TestContext, env: Record<string, string>) {
  const held: ServerResponse[] = []
  let answering = false
  const gateway = await startGateway(t, { ...roomy, ...env }, (request, response) => {
    if (request.url === '/v2/health/ready' || answering) response.end('ok')
    else held.push(response)
  })
  const first = Array.from({ length: requestsAtOnce }, () => ask(gateway))
  await until(() => held.length === requestsAtOnce)
  const release = () => {
    answering = true
    for (const response of held) response.end('ok')
  }
  return { gateway, first, release, held }
}

test('past the places and the queue: 503 OVERLOADED at once; room again: served at once', async (t) => {
  const { gateway, first, release } = await full(t, { UPSTREAM_QUEUE_MAX: '2' })
  const waiting = [ask(gateway), ask(gateway)]
  await until(() => gateway.upstreams.waiting === 2)
  const { status, headers, json } = await ask(gateway)
  assert.equal(status, 503)
  assert.equal(json.code, 'OVERLOADED')
  assert.equal(headers['retry-after'], '1')
  release()
  for (const answer of await Promise.all([...first, ...waiting])) assert.equal(answer.status, 200)
  assert.equal((await ask(gateway)).status, 200)
  assertEmpty(gateway)
})

test('who waits past the deadline gets 504, and leaves the queue', async (t) => {
  const { gateway, first } = await full(t, { UPSTREAM_TIMEOUT_MS: '300' })
  assert.equal((await ask(gateway)).status, 504)
  for (const answer of await Promise.all(first)) assert.equal(answer.status, 504)
  assertEmpty(gateway)
})

test('who goes away while waiting leaves the queue, and is never sent on', async (t) => {
  const { gateway, first, release, held } = await full(t, {})
  const socket = await connectTo(t, gateway)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => gateway.upstreams.waiting === 1)
  socket.destroy()
  await until(() => gateway.upstreams.waiting === 0)
  release()
  await Promise.all(first)
  assert.equal(held.length, requestsAtOnce)
})

test('every kind of answer gives its place back', async (t) => {
  const gateway = await startGateway(t, roomy, (request, response) => {
    const status = Number(request.url!.slice(1)) || 200
    response.writeHead(status).end(status === 204 || status === 304 ? undefined : 'body')
  })
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
    for (const path of ['/200', '/204', '/304', '/404', '/500']) await ask(gateway, { method, path })
  }
  await until(() => gateway.upstreams.inFlight === 0)
})

function assertEmpty ({ upstreams }: TestGateway): void {
  assert.equal(upstreams.inFlight, 0)
  assert.equal(upstreams.waiting, 0)
}
