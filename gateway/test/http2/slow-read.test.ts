import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, test } from 'node:test'
import { startGateway, until } from '../helper.ts'
import { allClosed, requestLines, troubleLines } from '../limits/trickle.ts'
import { connectFrames, errors, frame, setting, uint32 } from './frames.ts'

const quick = { HTTP2: 'on', HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '400', KEEP_ALIVE_TIMEOUT_MS: '200' }
const initialWindowSize = 4
const piece = Buffer.alloc(65536, 'x')

/** An upstream with more to say than fits into any buffer on the way; `isCut` once the gateway has given up on it. */
function endless (): { listener: RequestListener, isCut: () => boolean } {
  let cut = false
  const listener: RequestListener = (_request, response) => {
    response.on('close', () => { cut = true })
    const more = () => { while (!response.destroyed && response.write(piece)); }
    response.on('drain', more)
    more()
  }
  return { listener, isCut: () => cut }
}

// Waiting is most of what these do: they wait together.
describe('slow reading', { concurrency: true }, () => {
  for (const [what, widen] of [['stays shut', 0], ['opens a byte at a time', 1]] as const) {
    test(`an answer for which the client’s window ${what} is reset with CANCEL; the upstream is freed`, async (t) => {
      const { listener, isCut } = endless()
      const gateway = await startGateway(t, quick, listener)
      const connection = await connectFrames(t, gateway, setting(initialWindowSize, 0))
      connection.get(1)
      await connection.awaits('HEADERS', 1)
      const dripping = setInterval(() => { if (widen > 0) connection.send(frame('WINDOW_UPDATE', 0, 1, uint32(widen))) }, 40)
      t.after(() => clearInterval(dripping))
      assert.equal(await connection.resetOf(1), errors.CANCEL)
      await until(isCut)
      await allClosed(gateway)
      assert.equal(requestLines(gateway).length, 1)
      assert.deepEqual(troubleLines(gateway), [])
    })
  }

  test('a small answer that is not taken is reset too, and each on its own', async (t) => {
    const gateway = await startGateway(t, { ...quick, KEEP_ALIVE_TIMEOUT_MS: '5000' })
    const connection = await connectFrames(t, gateway, setting(initialWindowSize, 0))
    connection.get(1)
    connection.get(3)
    await connection.awaits('HEADERS', 3)
    connection.send(frame('WINDOW_UPDATE', 0, 3, uint32(100000)))
    assert.equal(await connection.resetOf(1), errors.CANCEL)
    assert.match(connection.body(3), /"url":"\/"/)
    assert.equal(connection.find('RST_STREAM', 3), undefined)
  })

  test('a client that takes no bytes at all, not even a reset, loses its connection', async (t) => {
    const { listener, isCut } = endless()
    const gateway = await startGateway(t, quick, listener)
    const connection = await connectFrames(t, gateway, setting(initialWindowSize, 0x7fffffff))
    connection.send(frame('WINDOW_UPDATE', 0, 0, uint32(0x7fff0000 - 65535)))
    connection.socket.pause()
    connection.get(1)
    await until(isCut)
    await allClosed(gateway)
  })
})
