import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { describe, test } from 'node:test'
import { askHttp2, connectHttp2, startGateway, until } from '../helper.ts'
import { allClosed, requestLines, troubleLines } from '../limits/trickle.ts'
import { block, connectFrames, connectSecurely, errors, flags, frame, request } from './frames.ts'

const quick = { HTTP2: 'on', HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '200' }

// Waiting is most of what these do: they wait together.
describe('sessions', { concurrency: true }, () => {
  test('a session without a request gets a GOAWAY without error', async (t) => {
    const gateway = await startGateway(t, quick)
    const session = await connectHttp2(t, gateway)
    const leaving = once(session, 'goaway')
    assert.equal((await askHttp2(session)).status, 200)
    const [code] = await leaving
    assert.equal(code, errors.NO_ERROR)
    await allClosed(gateway)
  })

  test('requests keep a session open past that time', async (t) => {
    const late: RequestListener = (_request, response) => { setTimeout(() => response.end(), 150) }
    const gateway = await startGateway(t, { ...quick, KEEP_ALIVE_TIMEOUT_MS: '400' }, late)
    const session = await connectHttp2(t, gateway)
    let left = false
    session.on('goaway', () => { left = true })
    for (let asked = 0; asked < 6; asked++) assert.equal((await askHttp2(session)).status, 200)
    assert.equal(left, false)
  })

  // None of these is a request, however much of it there is.
  const ping = frame('PING', 0, 0, '12345678')
  const silence: Record<string, { start: Buffer, drop?: Buffer }> = {
    'opens no stream': { start: Buffer.alloc(0) },
    'only pings': { start: ping, drop: ping },
    'only changes its settings': { start: frame('SETTINGS', 0, 0), drop: frame('SETTINGS', 0, 0) },
    'only widens its window': { start: Buffer.alloc(0), drop: frame('WINDOW_UPDATE', 0, 0, '\0\0\0\x01') },
    'never ends its headers': { start: frame('HEADERS', 0, 1, block(request('GET'))) },
    'trickles a frame of headers': { start: frame('HEADERS', 0, 1, Buffer.alloc(1000)).subarray(0, 20), drop: Buffer.from([0]) }
  }

  for (const [what, { start, drop }] of Object.entries(silence)) {
    test(`a session that ${what} ends as soon, even when its client does not let go`, async (t) => {
      const gateway = await startGateway(t, quick)
      const connection = await connectFrames(t, gateway)
      connection.send(start)
      const dripping = setInterval(() => { if (drop !== undefined) connection.send(drop) }, 40)
      t.after(() => clearInterval(dripping))
      assert.equal(await connection.goaway(), errors.NO_ERROR)
      await allClosed(gateway)
      assert.deepEqual(requestLines(gateway), [])
      assert.deepEqual(troubleLines(gateway), [])
    })
  }

  test('continuation frames without end are cut off long before', async (t) => {
    const gateway = await startGateway(t, { ...quick, HEADERS_TIMEOUT_MS: '60000', REQUEST_TIMEOUT_MS: '60000' })
    const connection = await connectFrames(t, gateway)
    const more = Array.from({ length: 20 }, () => frame('CONTINUATION', 0, 1, block([['x', 'y']])))
    connection.send(frame('HEADERS', 0, 1, block(request('GET'))), ...more)
    assert.ok([errors.INTERNAL_ERROR, undefined].includes(await connection.abandoned() as 2 | undefined))
    await allClosed(gateway)
    assert.deepEqual(requestLines(gateway), [])
  })

  test('a client that agrees on HTTP/2 and never speaks it is closed', async (t) => {
    const gateway = await startGateway(t, quick)
    await connectSecurely(t, gateway)
    const trickling = await connectSecurely(t, gateway)
    trickling.write('PRI * HTTP')
    await allClosed(gateway)
  })

  test('closing the gateway: GOAWAY, what is under way is finished, and nobody holds it up', async (t) => {
    let release: () => void
    const gateway = await startGateway(t, { ...quick, REQUEST_TIMEOUT_MS: '60000' }, (_request, response) => {
      release = () => response.end('whole')
    })
    const connection = await connectFrames(t, gateway)
    const idle = await connectFrames(t, gateway)
    connection.get(1)
    idle.send(frame('PING', 0, 0, '12345678'))
    await until(() => gateway.upstreams.inFlight > 0)
    const closed = gateway.app.close()
    assert.equal(await connection.goaway(), errors.NO_ERROR)
    assert.equal(await idle.goaway(), errors.NO_ERROR)
    release!()
    await until(() => (connection.find('DATA', 1)?.payload.length ?? 0) > 0)
    assert.equal(connection.body(1), 'whole')
    await closed
    await allClosed(gateway)
    assert.equal(connection.find('HEADERS', 1)!.flags & flags.END_HEADERS, flags.END_HEADERS)
  })
})
