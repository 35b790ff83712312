import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { connectTo, startGateway } from '../helper.ts'
import { allClosed, troubleLines } from './trickle.ts'

const quick = { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '400', KEEP_ALIVE_TIMEOUT_MS: '200' }
const piece = Buffer.alloc(65536, 'x')

/** An upstream with more to say than fits into any buffer on the way; `cut` resolves when the gateway gives up on it. */
function endless (): { listener: RequestListener, cut: Promise<unknown> } {
  let started: (response: ServerResponse) => void
  const cut = new Promise<ServerResponse>((resolve) => { started = resolve }).then((response) => once(response, 'close'))
  const listener: RequestListener = (_request, response) => {
    started(response)
    const more = () => { while (response.write(piece)) if (response.destroyed) return }
    response.on('drain', more)
    more()
  }
  return { listener, cut }
}

// Waiting is most of what these do: they wait together.
describe('slow reading', { concurrency: true }, () => {
  for (const HTTP2 of ['off', 'on']) {
    for (const [what, taking] of [['not taken at all', false], ['taken a little at a time', true]] as const) {
      test(`an answer that is ${what} ends its connection, and the upstream’s (HTTP2=${HTTP2})`, async (t) => {
        const { listener, cut } = endless()
        const gateway = await startGateway(t, { ...quick, HTTP2 }, listener)
        const socket = await connectTo(t, gateway)
        socket.pause()
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        const dripping = taking ? setInterval(() => { socket.read(1000) }, 40) : undefined
        t.after(() => clearInterval(dripping))
        await cut
        await allClosed(gateway)
        assert.deepEqual(troubleLines(gateway), [])
      })
    }
  }

  test('an answer as long as it takes is none that is not taken, and each of a connection has its own time', async (t) => {
    const gateway = await startGateway(t, { ...quick, KEEP_ALIVE_TIMEOUT_MS: '2000' }, (_request, response) => { setTimeout(() => response.end('late'), 300) })
    const socket = await connectTo(t, gateway)
    for (let asked = 0; asked < 3; asked++) {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      const [answer] = await once(socket, 'data')
      assert.match(String(answer), /^HTTP\/1\.1 200/)
    }
  })
})
