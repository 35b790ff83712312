import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, startGateway } from '../helper.ts'
import { allClosed, holdTcp, holdTls, troubleLines, requestLines, statuses } from './trickle.ts'

// Waiting is most of what these do: they wait together.
describe('slow headers', { concurrency: true }, () => {
  // Node keeps these limits itself on its HTTPS server; on its HTTP/2 server, for HTTP/1.1 beside it, that is not a given.
  for (const HTTP2 of ['off', 'on']) {
    const quick = { HTTP2, HEADERS_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200' }

    test(`headers that trickle in get 408 and the connection’s end (HTTP2=${HTTP2})`, async (t) => {
      const gateway = await startGateway(t, quick)
      const { ended } = await holdTls(t, gateway, 'GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n')
      const raw = await ended
      assert.deepEqual(statuses(raw), [408])
      assert.match(raw, /^connection: close\r$/m)
      assert.match(raw, /^content-security-policy: /m)
      const { error, code, requestId, ...more } = JSON.parse(raw.split('\r\n\r\n')[1]!)
      assert.equal(error, 'The request did not arrive in time.')
      assert.equal(code, 'REQUEST_TIMEOUT')
      assert.match(raw, new RegExp(`^x-request-id: ${requestId}\r$`, 'm'))
      assert.deepEqual(more, {})
      assert.deepEqual(requestLines(gateway).map(({ status }) => status), [408])
      assert.deepEqual(troubleLines(gateway), [])
    })

    test(`so do those of a second request on a connection (HTTP2=${HTTP2})`, async (t) => {
      const gateway = await startGateway(t, { ...quick, KEEP_ALIVE_TIMEOUT_MS: '5000' })
      const { ended, heard, socket } = await holdTls(t, gateway, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await heard(/\}$/)
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
      assert.deepEqual(statuses(await ended), [200, 408])
      socket.destroy()
    })

    test(`a connection that never sends a byte is closed without a word (HTTP2=${HTTP2})`, async (t) => {
      const gateway = await startGateway(t, quick)
      const { ended } = await holdTls(t, gateway, '')
      assert.equal(await ended, '')
      assert.deepEqual(requestLines(gateway), [])
    })

    test(`an idle connection is closed; empty lines do not keep it open (HTTP2=${HTTP2})`, async (t) => {
      const gateway = await startGateway(t, quick)
      const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
      const holders = await Promise.all([holdTls(t, gateway, request), holdTls(t, gateway, request, '\r\n')])
      for (const { ended } of holders) assert.deepEqual(statuses(await ended), [200])
      await allClosed(gateway)
    })
  }

  test('a client that does not close after its 408 is closed all the same', async (t) => {
    const gateway = await startGateway(t, { HEADERS_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200' })
    const { ended } = await holdTls(t, gateway, 'GET / HTTP/1.1\r\n')
    assert.deepEqual(statuses(await ended), [408])
    assert.equal(gateway.connections.open, 1)
    await allClosed(gateway)
  })

  test('what follows a 408 is no request any more', async (t) => {
    const gateway = await startGateway(t, { HEADERS_TIMEOUT_MS: '200' })
    const { ended, heard, socket } = await holdTls(t, gateway, 'GET /late HTTP/1.1\r\nHost: a\r\n')
    await heard(/\}$/)
    socket.write('\r\nGET /later HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.deepEqual(statuses(await ended), [408])
    assert.equal(requestLines(gateway).length, 1)
  })

  test('the redirect port has the same limits', async (t) => {
    const gateway = await startGateway(t, { HEADERS_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200' })
    const silent = await holdTcp(t, gateway.redirectPort, '')
    const slow = await holdTcp(t, gateway.redirectPort, 'GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n')
    const idle = await holdTcp(t, gateway.redirectPort, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\r\n')
    assert.equal(await silent.ended, '')
    assert.deepEqual(statuses(await slow.ended), [408])
    assert.deepEqual(statuses(await idle.ended), [301])
  })

  test('half a handshake, trickled or not, is a closed socket', async (t) => {
    const gateway = await startGateway(t, { HANDSHAKE_TIMEOUT_MS: '200' })
    const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
    const holders = await Promise.all([holdTcp(t, gateway.port, hello), holdTcp(t, gateway.port, hello, 'x')])
    for (const { ended } of holders) assert.equal(await ended, '')
    assert.deepEqual(requestLines(gateway), [])
    assert.equal((await ask(gateway)).status, 200)
  })
})
