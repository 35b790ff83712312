import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startGateway, until } from '../helper.ts'
import { allClosed, requestLines, troubleLines } from '../limits/trickle.ts'
import { block, connectFrames, errors, flags, frame, request } from './frames.ts'

const quick = { HTTP2: 'on', HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '200' }

/** Sends one byte of a body over and over. */
function drip (t: { after: (f: () => void) => void }, send: () => void): void {
  const dripping = setInterval(send, 40)
  t.after(() => clearInterval(dripping))
}

// Waiting is most of what these do: they wait together.
describe('streams', { concurrency: true }, () => {
  test('a request whose body trickles in gets 408, once, and its stream’s end; the connection lives on', async (t) => {
    let reached = 0
    const gateway = await startGateway(t, quick, (_request, response) => { reached++; response.end('fine') })
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('POST', { 'x-request-id': 'slow' }))))
    drip(t, () => connection.send(frame('DATA', 0, 1, 'x')))
    assert.equal(await connection.resetOf(1), errors.NO_ERROR)
    const { code, requestId } = JSON.parse(connection.body(1))
    assert.equal(code, 'REQUEST_TIMEOUT')
    assert.equal(requestId, 'slow')
    assert.equal(reached, 0)
    await until(() => requestLines(gateway).length > 0)
    const [line, ...more] = requestLines(gateway)
    assert.deepEqual([line!.status, line!.code, line!.client, line!.method], [408, 'REQUEST_TIMEOUT', '127.0.0.1', 'POST'])
    assert.deepEqual(more, [])
    assert.deepEqual(troubleLines(gateway), [])
    connection.get(3)
    await connection.awaits('DATA', 3)
    assert.equal(connection.body(3), 'fine')
  })

  test('a stream that says nothing after its headers gets the same', async (t) => {
    const gateway = await startGateway(t, quick)
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('POST'))))
    assert.equal(await connection.resetOf(1), errors.NO_ERROR)
    assert.match(connection.body(1), /REQUEST_TIMEOUT/)
  })

  test('the rest of a request that is answered already is cut off without error', async (t) => {
    const gateway = await startGateway(t, { ...quick, BODY_LIMIT: '100', REQUEST_TIMEOUT_MS: '60000' })
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('POST'))), frame('DATA', 0, 1, 'x'.repeat(200)))
    connection.send(frame('HEADERS', flags.END_HEADERS, 3, block(request('GET'))))
    assert.equal(await connection.resetOf(1), errors.NO_ERROR)
    assert.match(connection.body(1), /BODY_TOO_LARGE/)
    assert.equal(await connection.resetOf(3), errors.NO_ERROR)
    assert.match(connection.body(3), /"url":"\/"/)
  })

  test('a late request whose body nobody reads is reset with CANCEL, and frees the upstream', async (t) => {
    let asked = false
    let freed = false
    const gateway = await startGateway(t, quick, (_request, response) => {
      asked = true
      response.on('close', () => { freed = true })
    })
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('GET'))))
    assert.equal(await connection.resetOf(1), errors.CANCEL)
    assert.ok(asked)
    await until(() => freed)
  })

  test('a hundred streams that trickle hold their connection no longer than one', async (t) => {
    const gateway = await startGateway(t, quick)
    const connection = await connectFrames(t, gateway)
    const streams = Array.from({ length: 100 }, (_, index) => 2 * index + 1)
    connection.send(...streams.map((stream) => frame('HEADERS', flags.END_HEADERS, stream, block(request('POST')))))
    drip(t, () => connection.send(...streams.map((stream) => frame('DATA', 0, stream, 'x'))))
    for (const stream of streams) {
      assert.equal(await connection.resetOf(stream), errors.NO_ERROR)
      assert.match(connection.body(stream), /REQUEST_TIMEOUT/)
    }
    assert.equal(await connection.goaway(), errors.NO_ERROR)
    await allClosed(gateway)
    assert.equal(requestLines(gateway).length, 100)
  })
})
