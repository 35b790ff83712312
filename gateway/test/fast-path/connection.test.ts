import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { connectTo, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const predict = (body: string, more = '') =>
  `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
const other = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'
const lines = ({ logged }: TestGateway) => logged.filter(({ msg }) => msg === 'request')

/** Sends bytes and gives what is answered: JSON, in chunks or not. */
async function exchange (socket: TLSSocket, text: string): Promise<string> {
  let answer = ''
  socket.write(text, 'latin1')
  while (!/\r\n\r\n[^]*[}"](?:\r\n0\r\n\r\n)?$/.test(answer) || /chunked[^]*[}"]$/.test(answer)) answer += String((await once(socket, 'data'))[0])
  return answer
}

/** A gateway and a count of the requests that Node's HTTP server saw. */
async function start (t: Parameters<typeof startGateway>[0], env: Record<string, string> = {}, upstream = exchangeUpstream([])) {
  const gateway = await startGateway(t, env, upstream)
  const seen = { usually: 0 }
  gateway.app.server.on('request', () => { seen.usually++ })
  return { gateway, seen }
}

test('a connection keeps to the fast path until it brings anything else, and to the usual way from then on', async (t) => {
  const { gateway, seen } = await start(t)
  const socket = await connectTo(t, gateway)
  for (const body of ['{"a":1}', '{"b":22}', 'x']) assert.match(await exchange(socket, predict(body)), new RegExp(`"\\${body[0]}`))
  assert.equal(seen.usually, 0)
  assert.match(await exchange(socket, other), /^HTTP\/1\.1 400 /)
  assert.match(await exchange(socket, predict('{"c":1}')), /^HTTP\/1\.1 201 /)
  assert.equal(seen.usually, 2)
  await until(() => lines(gateway).length === 5)
  assert.deepEqual(lines(gateway).map(({ status }) => status), [201, 201, 400, 400, 201])
})

test('what comes before its turn waits for it, and nothing is lost', async (t) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  const { gateway, seen } = await start(t, {}, exchangeUpstream([], () => opened))
  const socket = await connectTo(t, gateway)
  let text = ''
  socket.on('data', (chunk) => { text += String(chunk) })
  socket.write(predict('{"a":1}'))
  await until(() => gateway.upstreams.backends.some(({ inFlight }) => inFlight === 1))
  for (const piece of [predict('{"b":1}').slice(0, 40), predict('{"b":1}').slice(40), predict('{"c":1}'), other]) {
    socket.write(piece)
    await new Promise(setImmediate)
  }
  open()
  await until(() => (text.match(/HTTP\/1\.1 \d/g) ?? []).length === 4)
  assert.deepEqual([...text.matchAll(/"\{\\"(.)/g)].map(([, name]) => name), ['a', 'b', 'c'])
  assert.ok(seen.usually >= 1)
})

test('a body whose rest takes its time is left to the usual way, which has its own limits', async (t) => {
  const { gateway, seen } = await start(t, { HEADERS_TIMEOUT_MS: '4000', REQUEST_TIMEOUT_MS: '4000' })
  const socket = await connectTo(t, gateway)
  const text = predict('{"a":1}')
  socket.write(text.slice(0, -2))
  await until(() => seen.usually === 1)
  assert.match(await exchange(socket, text.slice(-2)), /^HTTP\/1\.1 201 /)
})

test('an idle connection ends after its time, whether it has asked or not', async (t) => {
  const { gateway, seen } = await start(t, { HEADERS_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200' })
  const silent = await connectTo(t, gateway)
  const asked = await connectTo(t, gateway)
  const answer = await exchange(asked, predict('{}'))
  assert.match(answer, /\r\nKeep-Alive: timeout=0\r\n/)
  await Promise.all([silent, asked].map((socket) => once(socket.resume(), 'close')))
  await until(() => gateway.connections.open === 0)
  assert.equal(seen.usually, 0)
})

test('a connection waits as long as the upstream may take, however short it may be idle', async (t) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  const { gateway } = await start(t, { HEADERS_TIMEOUT_MS: '20', KEEP_ALIVE_TIMEOUT_MS: '20' }, exchangeUpstream([], () => opened))
  const [socket, idle] = [await connectTo(t, gateway), await connectTo(t, gateway)]
  const answer = exchange(socket, predict('{}'))
  // Its time is over, and that of one that waits would have been.
  await once(idle.resume(), 'close')
  open()
  assert.match(await answer, /^HTTP\/1\.1 201 /)
})

test('a closing port answers what still comes and ends idle connections', async (t) => {
  const { gateway } = await start(t)
  const [used, unused] = [await connectTo(t, gateway), await connectTo(t, gateway)]
  await exchange(used, predict('{}'))
  const closed = gateway.app.close()
  await until(() => gateway.app.isDraining())
  const answer = await exchange(used, predict('{}'))
  assert.match(answer, /^HTTP\/1\.1 201 [^]*connection: close/i)
  unused.resume()
  await closed
})

test('a client that asks for the end of its connection gets it', async (t) => {
  const { gateway, seen } = await start(t)
  const socket = await connectTo(t, gateway)
  assert.match(await exchange(socket, predict('{}', 'Connection: close\r\n')), /\r\nconnection: close\r\n/)
  if (!socket.closed) await once(socket, 'close')
  assert.equal(seen.usually, 0)
})
