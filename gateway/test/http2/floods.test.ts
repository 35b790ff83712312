import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { ask, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'
import { allClosed, requestLines, troubleLines } from '../limits/trickle.ts'
import { block, connectFrames, errors, flags, frame, request, uint32 } from './frames.ts'
import type { FrameConnection } from './frames.ts'

const get = (stream: number) => frame('HEADERS', flags.END_HEADERS | flags.END_STREAM, stream, block(request('GET')))
const reset = (stream: number) => frame('RST_STREAM', 0, stream, uint32(errors.CANCEL))

/** Sends `piece` for each of `count` streams as fast as it is taken, as long as the gateway listens. */
async function flood ({ socket }: FrameConnection, count: number, piece: (stream: number) => Buffer[]): Promise<void> {
  for (let sent = 0; sent < count && socket.writable; sent += 100) {
    const pieces = Array.from({ length: 100 }, (_, index) => piece(2 * (sent + index) + 1)).flat()
    if (!socket.write(Buffer.concat(pieces))) await drained(socket)
  }
}

function drained (socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go)
      resolve()
    }
    socket.on('drain', go).on('close', go)
  })
}

/** The status another client gets. */
async function statusFrom (gateway: TestGateway, localAddress: string): Promise<number> {
  const asking = httpsRequest({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', agent: false, localAddress })
  asking.end()
  const [response] = await once(asking, 'response')
  response.resume()
  return response.statusCode
}

function countStreams (gateway: TestGateway): () => number {
  let count = 0
  gateway.app.server.on('session', (session: ServerHttp2Session) => session.on('stream', () => { count++ }))
  return () => count
}

test('ten thousand requests that are reset at once (CVE-2023-44487) count as requests, end the session and hurt nobody', async (t) => {
  let asked = 0
  const gateway = await startGateway(t, { HTTP2: 'on', RATE_LIMIT_RPS: '0.01' }, (_request, response) => { asked++; response.end() })
  const streams = countStreams(gateway)
  const connection = await connectFrames(t, gateway)
  await flood(connection, 10_000, (stream) => [get(stream), reset(stream)])
  assert.ok([errors.INTERNAL_ERROR, undefined].includes(await connection.abandoned() as 2 | undefined))
  await until(() => requestLines(gateway).length === streams())
  assert.ok(streams() > 100 && streams() < 2000, `${streams()} streams`)
  assert.equal(asked, 0)
  assert.deepEqual(troubleLines(gateway), [])
  const admitted = requestLines(gateway).filter(({ status }) => status !== 429)
  assert.equal(admitted.length, 100)
  assert.deepEqual([...new Set(requestLines(gateway).map(({ client }) => client))], ['127.0.0.1'])
  assert.equal((await ask(gateway)).status, 429)
  assert.equal(await statusFrom(gateway, '127.0.0.2'), 200)
  await until(() => gateway.upstreams.inFlight === 0)
})

// What a client can send without end, and what it costs its connection: none of it is read for long.
const endless: Record<string, (stream: number) => Buffer[]> = {
  'requests that it makes the gateway reset (CVE-2025-8671)': (stream) => [get(stream), frame('WINDOW_UPDATE', 0, stream, uint32(0))],
  'empty frames of a body': () => [frame('DATA', 0, 1)],
  'frames of a stream that is none': (stream) => [frame('DATA', 0, stream + 100_000, 'x')],
  'settings of more than 32 kinds': () => [frame('SETTINGS', 0, 0, Buffer.alloc(6 * 1000))]
}

for (const [what, piece] of Object.entries(endless)) {
  test(`a session ends over ${what}`, async (t) => {
    const gateway = await startGateway(t, { HTTP2: 'on', HEADERS_TIMEOUT_MS: '300', REQUEST_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '200' })
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('POST'))))
    await flood(connection, 5_000, (stream) => piece(stream + 2))
    // Node.js 20 stops reading it, and leaves the rest to the time limits.
    await connection.ended
    await allClosed(gateway)
    await until(() => gateway.upstreams.inFlight === 0)
    assert.ok(requestLines(gateway).length <= 110, `${requestLines(gateway).length} requests`)
    assert.equal(await statusFrom(gateway, '127.0.0.2'), 200)
  })
}

for (const type of ['PING', 'SETTINGS'] as const) {
  test(`a session ends over ${type} frames whose answers its client does not take`, async (t) => {
    const gateway = await startGateway(t, { HTTP2: 'on' })
    const connection = await connectFrames(t, gateway)
    connection.socket.pause()
    const pieces = Buffer.concat(Array.from({ length: 10_000 }, () => frame(type, 0, 0, type === 'PING' ? '12345678' : '')))
    const more = () => { while (connection.socket.writable && connection.socket.write(pieces)); }
    connection.socket.on('drain', more)
    more()
    await allClosed(gateway)
  })
}
