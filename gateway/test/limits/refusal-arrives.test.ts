import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectTo, startGateway } from '../helper.ts'
import { hold, requestLines, statuses } from './trickle.ts'

// A connection closed over bytes that nobody read is reset, and the answer in it lost on the way (RFC 9112 §9.6).
const endless = 'x'.repeat(1 << 20)

for (const [what, start, status] of [
  ['headers', 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 431],
  ['a target', 'GET /', 431],
  ['a malformed head', 'GET / HTTP/1.1\r\nX Y: z\r\n', 400]
] as const) {
  test(`the refusal of ${what} reaches a client that goes on sending`, async (t) => {
    const gateway = await startGateway(t)
    const { ended, socket } = hold(t, await connectTo(t, gateway), start)
    const more = () => { while (socket.writable && socket.write(endless)); }
    socket.on('drain', more)
    more()
    const raw = await ended
    assert.deepEqual(statuses(raw), [status])
    assert.match(raw, /"requestId":"[^"]+"\}$/)
    assert.equal(requestLines(gateway).length, 1)
  })
}
