import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { requestsAtOnce } from '../../src/upstream/backend.ts'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { ask, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'
import { startRawUpstream, withLength } from './raw-upstream.ts'

const unlimited = { RATE_LIMIT_RPS: '0', MAX_CONNECTIONS_PER_CLIENT: '1000' }
const predict = (gateway: TestGateway) => ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json' }, body: '{}' })

/** The right answer to an exchange: every request is told who answered. */
function answerTo (exchange: string, name = 'ok'): string {
  const { length } = JSON.parse(exchange.slice(0, exchange.indexOf('\n'))) as unknown[]
  const body = `"${name}"`
  return `${JSON.stringify(Array.from({ length }, () => [200, body.length]))}\n${body.repeat(length)}`
}

/** An upstream whose bad answers, one after another, come between good ones. */
async function moody (t: TestContext, bad: ((socket: Socket, answer: string) => void)[]) {
  const upstream = await startRawUpstream(t, (socket, count) => {
    const answer = answerTo(upstream.exchanges[count]!)
    const badly = count % 2 === 1 ? bad[(count - 1) / 2] : undefined
    if (badly === undefined) socket.write(withLength(answer))
    else badly(socket, answer)
  })
  return upstream
}

test('half an answer, or none: 502 for each request of the exchange; the next are answered', async (t) => {
  const half = (text: string) => text.slice(0, text.length / 2)
  const bad: ((socket: Socket, answer: string) => void)[] = [
    (socket) => socket.destroy(), (socket) => socket.resetAndDestroy(), (socket) => socket.write('HELLO\r\n\r\n'),
    (socket, answer) => socket.end(half(withLength(answer))), (socket, answer) => socket.end(withLength(answer).slice(0, -1)),
    (socket, answer) => socket.write(withLength(half(answer))),
    (socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    (socket, answer) => socket.write(withLength(answer, '', '999 No')), (socket, answer) => socket.write(withLength(answer, 'content-length: 1\r\n'))
  ]
  const upstream = await moody(t, bad)
  const gateway = await startGateway(t, { ...unlimited, PREDICTOR_URL: upstream.url })
  for (let i = 0; i < bad.length; i++) {
    assert.deepEqual((({ status, body }) => [status, body])(await predict(gateway)), [200, '"ok"'])
    const { status, json } = await predict(gateway)
    assert.deepEqual([i, status, json.code], [i, 502, 'UPSTREAM_UNREACHABLE'])
  }
  assert.equal(upstream.exchanges.length, 2 * bad.length, 'nothing is sent twice')
  await until(() => gateway.upstreams.inFlight === 0)
})

test('an answer cut short is cut short for all that share it', async (t) => {
  const upstream = await startRawUpstream(t, (socket, count) => {
    const answer = withLength(answerTo(upstream.exchanges[count]!))
    if (count < 2) held.push(socket)
    else if (count === 2) socket.end(answer.slice(0, -1))
    else socket.write(answer)
  })
  const held: Socket[] = []
  const gateway = await startGateway(t, { ...unlimited, PREDICTOR_URL: upstream.url })
  const first = predict(gateway)
  await until(() => held.length === 1)
  const second = predict(gateway)
  await until(() => held.length === 2)
  const together = Array.from({ length: 8 }, () => predict(gateway))
  await until(() => gateway.counts.exchanges.waiting === 8)
  held.forEach((socket, index) => socket.write(withLength(answerTo(upstream.exchanges[index]!))))
  assert.deepEqual((await Promise.all([first, second])).map(({ status }) => status), [200, 200])
  assert.deepEqual((await Promise.all(together)).map(({ status }) => status), Array(8).fill(502))
  assert.equal((await predict(gateway)).status, 200)
})

test('answers that come in chunks, slowly or after other words are answers', async (t) => {
  const inPieces = async (socket: Socket, text: string) => {
    for (const byte of text) await new Promise((resolve) => socket.write(byte, resolve))
  }
  const upstream = await startRawUpstream(t, (socket, count) => {
    const answer = answerTo(upstream.exchanges[count]!)
    const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...answer].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`
    if (count === 0) socket.write(chunked)
    else if (count === 1) void inPieces(socket, withLength(answer))
    else if (count === 2) void inPieces(socket, chunked)
    else socket.write(`HTTP/1.1 100 Continue\r\n\r\n${withLength(answer)}`)
  })
  const gateway = await startGateway(t, { ...unlimited, PREDICTOR_URL: upstream.url })
  for (let i = 0; i < 4; i++) assert.equal((await predict(gateway)).body, '"ok"')
  assert.equal(upstream.connections.length, 1)
})

test('an answer whose pieces stop coming is given up, and makes room', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => { socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf') })
  const gateway = await startGateway(t, { ...unlimited, PREDICTOR_URL: upstream.url, UPSTREAM_TIMEOUT_MS: '150' })
  assert.deepEqual((await Promise.all(Array.from({ length: 6 }, () => predict(gateway)))).map(({ status }) => status), Array(6).fill(504))
  await until(() => gateway.upstreams.inFlight === 0 && upstream.open.size === 0)
})

/** A gateway whose one upstream has its hands full with answers that go on and on, until they are released. */
async function full (t: TestContext, env: Record<string, string>) {
  const held: ServerResponse[] = []
  const seen: number[] = []
  const gateway = await startGateway(t, { ...unlimited, ...env }, (request, response) => {
    if (request.method === 'GET') {
      held.push(response)
      // Once the head is there the answer may take as long as it likes, as long as it goes on.
      response.write('x')
    } else exchangeUpstream(seen)(request, response)
  })
  const first = Array.from({ length: requestsAtOnce }, () => ask(gateway))
  await until(() => held.length === requestsAtOnce)
  const dripping = setInterval(() => { for (const response of held) response.write('x') }, 50)
  const release = async () => {
    clearInterval(dripping)
    for (const response of held) response.end()
    await Promise.all(first)
    await until(() => gateway.upstreams.inFlight === 0)
  }
  t.after(() => clearInterval(dripping))
  return { gateway, seen, release }
}

test('an exchange waits for an upstream whose hands are full', async (t) => {
  const { gateway, release } = await full(t, {})
  const waiting = predict(gateway)
  await until(() => gateway.upstreams.waiting === 1)
  await release()
  assert.equal((await waiting).status, 201)
})

test('an exchange that waits past its time is never sent', async (t) => {
  const { gateway, seen, release } = await full(t, { UPSTREAM_TIMEOUT_MS: '1000' })
  assert.equal((await predict(gateway)).status, 504)
  await until(() => gateway.upstreams.waiting === 0)
  await release()
  assert.deepEqual(seen, [])
})

test('an exchange for which there is no room to wait: 503', async (t) => {
  const { gateway, release } = await full(t, { UPSTREAM_QUEUE_MAX: '0' })
  assert.equal((await predict(gateway)).json.code, 'OVERLOADED')
  await release()
})

test('two upstreams share exchanges; one that can’t be reached costs none', async (t) => {
  const name = (name: string) => async () => {
    const upstream = await startRawUpstream(t, (socket, count) => { socket.write(withLength(answerTo(upstream.exchanges[count]!, name))) })
    return upstream
  }
  const [a, b] = await Promise.all([name('a')(), name('b')()])
  const gateway = await startGateway(t, { ...unlimited, PREDICTOR_URL: `${a.url},${b.url},http://127.0.0.1:1` })
  const answers = await Promise.all(Array.from({ length: 60 }, () => predict(gateway)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.ok(a.exchanges.length > 0 && b.exchanges.length > 0)
  for (const { connections } of [a, b]) assert.ok(connections.length <= 6, `${connections.length}`)
  await gateway.upstreams.close()
  await until(() => a.open.size === 0 && b.open.size === 0)
})
