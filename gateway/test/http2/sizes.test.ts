import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askHttp2, connectHttp2, startGateway, until } from '../helper.ts'
import { allClosed, requestLines, troubleLines } from '../limits/trickle.ts'
import { block, connectFrames, errors, flags, frame, request } from './frames.ts'

const whole = flags.END_HEADERS | flags.END_STREAM
const fields = (count: number, length: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'y'.repeat(length)]))

test('headers past HEADER_LIMIT end their stream with ENHANCE_YOUR_CALM, once the client knows the limit', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const session = await connectHttp2(t, gateway)
  assert.equal((await askHttp2(session, { headers: fields(10, 1500) })).status, 200)
  const stream = session.request(fields(40, 1500))
  const code = await new Promise((resolve) => stream.on('error', () => {}).once('close', () => resolve(stream.rstCode)))
  assert.equal(code, errors.ENHANCE_YOUR_CALM)
  assert.equal((await askHttp2(session)).status, 200)
})

test('a client that never acknowledges the limit gets 431', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', HEADER_LIMIT: '4096' })
  const connection = await connectFrames(t, gateway)
  const headers = block(request('GET', fields(10, 1400)))
  connection.send(frame('HEADERS', whole, 1, headers))
  await connection.awaits('DATA', 1)
  assert.match(connection.body(1), /HEADERS_TOO_LARGE/)
  assert.equal(requestLines(gateway)[0]!.status, 431)
})

test('more than 128 headers end their stream with ENHANCE_YOUR_CALM; one byte can stand for each of them', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const connection = await connectFrames(t, gateway)
  // 190 is the first field of the dynamic table (RFC 7541 §6.1): here, one of 4,000 bytes.
  const first = Buffer.concat([Buffer.from([0x40]), block([['x', 'y'.repeat(3900)]]).subarray(1)])
  connection.send(frame('HEADERS', whole, 1, Buffer.concat([block(request('GET')), first, Buffer.alloc(1000, 190)])))
  assert.equal(await connection.resetOf(1), errors.ENHANCE_YOUR_CALM)
  assert.deepEqual(requestLines(gateway), [])
})

test('a target longer than half the room for headers is 414', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', HEADER_LIMIT: '4096' })
  const session = await connectHttp2(t, gateway)
  assert.equal((await askHttp2(session, { path: `/${'a'.repeat(2047)}` })).status, 200)
  const { status, json } = await askHttp2(session, { path: `/${'a'.repeat(2048)}` })
  assert.equal(status, 414)
  assert.equal(json.code, 'URI_TOO_LONG')
})

test('a stream past the hundredth is refused, whole and unprocessed', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', RATE_LIMIT_BURST: '1000' }, () => {})
  const connection = await connectFrames(t, gateway)
  for (let index = 0; index < 101; index++) connection.get(2 * index + 1)
  assert.equal(await connection.resetOf(201), errors.REFUSED_STREAM)
  await until(() => gateway.upstreams.inFlight === 100)
  assert.equal(connection.frames.filter(({ type }) => type === 'RST_STREAM').length, 1)
  assert.deepEqual(troubleLines(gateway), [])
})

test('a client that knows the limit on streams and does not keep it loses its connection', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', RATE_LIMIT_BURST: '1000' }, () => {})
  const connection = await connectFrames(t, gateway)
  connection.send(frame('SETTINGS', flags.ACK, 0))
  for (let index = 0; index < 101; index++) connection.get(2 * index + 1)
  await connection.ended
  await allClosed(gateway)
  assert.equal(connection.frames.filter(({ type }) => type === 'HEADERS').length, 0)
  await until(() => gateway.upstreams.inFlight === 0)
})

test('a body past BODY_LIMIT is 413, announced or not', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', BODY_LIMIT: '1000' })
  const session = await connectHttp2(t, gateway)
  for (const headers of [{ 'content-length': '1001' }, {}]) {
    const { status, json } = await askHttp2(session, { method: 'POST', headers, body: 'x'.repeat(1001) })
    assert.equal(status, 413)
    assert.equal(json.code, 'BODY_TOO_LARGE')
  }
  assert.equal((await askHttp2(session, { method: 'POST', body: 'x'.repeat(1000) })).json.body.length, 1000)
})
