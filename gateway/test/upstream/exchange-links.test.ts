import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ExchangeLinks } from '../../src/upstream/exchange-links.ts'
import { until } from '../helper.ts'
import { startRawUpstream, withLength } from './raw-upstream.ts'

/** Links to an upstream that answers with bytes of the test's own making. */
async function start (t: TestContext, answer: (socket: Socket, count: number) => void, host?: string) {
  const upstream = await startRawUpstream(t, answer, host)
  const links = new ExchangeLinks(upstream.url, 900)
  t.after(() => links.close({ abruptly: true }))
  const send = (text = 'x') => new Promise<{ error: Error | null, status: number, body: string }>((resolve) => {
    links.send('/predict', text, { arriving: () => {}, done: (error, { status, body }) => resolve({ error, status, body }) })
  })
  return { upstream, links, send }
}

test('one exchange after another goes over one connection; those at once have one each, and they are used again', async (t) => {
  const { upstream, send } = await start(t, (socket, count) => setImmediate(() => socket.write(withLength(`answer ${count}`))))
  for (let i = 0; i < 5; i++) assert.deepEqual(await send(`\0\xff${i}`), { error: null, status: 200, body: `answer ${i}` })
  assert.deepEqual(upstream.exchanges, Array.from({ length: 5 }, (_, i) => `\0\xff${i}`))
  assert.equal(upstream.connections.length, 1)
  for (let i = 0; i < 3; i++) await Promise.all([send(), send(), send()])
  assert.equal(upstream.connections.length, 3)
})

test('an IPv6 address', async (t) => {
  const { send } = await start(t, (socket) => { socket.write(withLength('six')) }, '::1')
  assert.equal((await send()).body, 'six')
})

test('an answer of many megabytes, to a request of megabytes', async (t) => {
  const long = 'long '.repeat(1024 * 1024)
  const { upstream, send } = await start(t, (socket) => { socket.write(withLength(long)) })
  for (let i = 0; i < 2; i++) assert.ok((await send(long)).body === long && upstream.exchanges[i] === long)
  assert.equal(upstream.connections.length, 1)
})

for (const [what, answer] of [
  ['says that it closes', (socket) => socket.write(withLength('x', 'connection: close\r\n'))],
  ['waits hardly longer', (socket) => socket.write(withLength('x', 'keep-alive: timeout=1\r\n'))],
  ['speaks HTTP/1.0', (socket) => socket.write('HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx')],
  ['ends its body with the connection', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nx')],
  ['says more than its answer', (socket) => socket.write(`${withLength('x')}HTTP/1.1 200 OK\r\n`)]
] as [string, (socket: Socket) => void][]) {
  test(`an upstream that ${what}: answered, and the next goes over another connection`, async (t) => {
    const { upstream, send } = await start(t, answer)
    for (let i = 0; i < 3; i++) assert.deepEqual(await send(), { error: null, status: 200, body: 'x' })
    assert.equal(upstream.connections.length, 3)
    await until(() => upstream.open.size === 0)
  })
}

for (const [what, end] of [
  ['closes', (socket) => socket.end()], ['resets', (socket) => socket.resetAndDestroy()], ['says something unasked on', (socket) => socket.write(withLength('unasked'))]
] as [string, (socket: Socket) => void][]) {
  test(`an upstream that ${what} a connection at rest costs no request`, async (t) => {
    const { upstream, links, send } = await start(t, (socket) => { socket.write(withLength('x')) })
    for (let i = 0; i < 3; i++) {
      assert.equal((await send()).error, null)
      end(upstream.connections.at(-1)!)
      await until(() => links.size === 0)
    }
    assert.equal(upstream.connections.length, 3)
    await until(() => upstream.open.size === 0)
  })
}

for (const [what, answer, status] of [
  ['before a byte', (socket) => socket.destroy(), 0], ['in the head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-'), 0],
  ['in the body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'), 200], ['in a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha'), 200]
] as [string, (socket: Socket) => void, number][]) {
  test(`an upstream that ends ${what}: no answer, sent once; the next is answered`, async (t) => {
    const { upstream, send } = await start(t, (socket, count) => { if (count === 1) answer(socket); else socket.write(withLength('x')) })
    await send()
    const broken = await send()
    assert.ok(broken.error instanceof Error)
    assert.equal(broken.status, status)
    assert.equal((await send()).body, 'x')
    assert.equal(upstream.exchanges.length, 3)
  })
}

test('a body without length that ends with a reset is not whole', async (t) => {
  const { upstream, links } = await start(t, (socket) => { socket.write('HTTP/1.1 200 OK\r\n\r\nhalf') })
  const error = await new Promise((resolve) => {
    links.send('/predict', 'x', { arriving: () => upstream.connections[0]!.resetAndDestroy(), done: resolve })
  })
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
})

test('an upstream that answers before it has the request gets the next over another connection', async (t) => {
  const { upstream, send } = await start(t, (socket) => { socket.write(withLength('late')) })
  assert.equal((await send()).body, 'late')
  const pending = send('y'.repeat(64 * 1024 * 1024))
  upstream.connections[0]!.pause()
  upstream.connections[0]!.write(withLength('early', '', '503 Busy'))
  assert.deepEqual(await pending, { error: null, status: 503, body: 'early' })
  assert.equal((await send()).body, 'late')
  assert.equal(upstream.connections.length, 2)
})

test('a connection rests no longer than its upstream says', async (t) => {
  const { upstream, send } = await start(t, (socket) => { socket.write(withLength('x', 'keep-alive: timeout=3\r\n')) })
  await send()
  await send()
  await once(upstream.connections[0]!, 'close')
  assert.equal((await send()).error, null)
  assert.equal(upstream.connections.length, 2)
})

test('nor does it take another request after that when its end was not noticed yet', async (t) => {
  const { upstream, send } = await start(t, (socket) => { socket.write(withLength('x', 'keep-alive: timeout=3\r\n')) })
  await send()
  // As long as this lasts, no timer of this process fires.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1001)
  assert.equal((await send()).error, null)
  assert.equal(upstream.connections.length, 2)
})

test('an upstream that took the connection while this process was busy is not given up for it', async (t) => {
  const { upstream, send } = await start(t, (socket) => { socket.write(withLength('x')) })
  const pending = send()
  // Longer than connecting may take: its time is over before anybody could see that it was done.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 901)
  assert.equal((await pending).error, null)
  assert.equal(upstream.connections.length, 1)
})

test('closing in order lets an exchange under way be answered; abruptly ends it', async (t) => {
  const held: Socket[] = []
  const { upstream, links, send } = await start(t, (socket) => { held.push(socket) })
  const [first] = [send(), send()]
  await until(() => held.length === 2)
  held[1]!.write(withLength('x'))
  const closed = links.close()
  await until(() => upstream.open.size === 1)
  held[0]!.write(withLength('last'))
  assert.equal((await first).body, 'last')
  await closed
  const other = await start(t, () => {})
  const ended = other.send()
  await until(() => other.upstream.exchanges.length === 1)
  await other.links.close({ abruptly: true })
  assert.ok((await ended).error instanceof Error)
  await until(() => other.upstream.open.size === 0)
})
