import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { ask, echo, startGateway } from '../helper.ts'
import type { TestGateway } from '../helper.ts'
import { allClosed, holdTcp, holdTls, troubleLines, requestLines, statuses } from './trickle.ts'

const quick = { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '200' }
const post = 'POST /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: slow\r\n'

/** One request, one answer, one line in the log, and nothing else in it. */
function assertOnce (gateway: TestGateway, raw: string, status: number, code?: string): void {
  assert.deepEqual(statuses(raw), [status])
  assert.match(raw, /^x-request-id: slow\r$/m)
  assert.match(raw, /^content-security-policy: /m)
  const lines = requestLines(gateway).map(({ requestId, path, status, code, client }) => ({ requestId, path, status, code, client }))
  assert.deepEqual(lines, [{ requestId: 'slow', path: '/x', status, code, client: '127.0.0.1' }])
  assert.deepEqual(troubleLines(gateway), [])
}

// Waiting is most of what these do: they wait together.
describe('slow bodies', { concurrency: true }, () => {
  for (const HTTP2 of ['off', 'on']) {
    for (const [what, head, drop] of [
      ['a body of known length', `${post}Content-Length: 1000\r\n\r\n`, 'x'],
      ['a chunked body', `${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
      ['a body that was asked for', `${post}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n`, 'x'],
      ['a body’s trailer', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'X: y\r\n']
    ] as const) {
      test(`trickling in, ${what} gets 408, once, and never reaches the upstream (HTTP2=${HTTP2})`, async (t) => {
        let reached = 0
        const gateway = await startGateway(t, { ...quick, HTTP2 }, (_request, response) => { reached++; response.end() })
        const { ended } = await holdTls(t, gateway, head, drop)
        const raw = (await ended).replace('HTTP/1.1 100 Continue\r\n\r\n', '')
        assert.match(raw, /"code":"REQUEST_TIMEOUT"/)
        assert.match(raw, /^connection: close\r$/m)
        await allClosed(gateway)
        assertOnce(gateway, raw, 408, 'REQUEST_TIMEOUT')
        assert.equal(reached, 0)
      })
    }
  }

  test('a body that turns out malformed on its way gets 400, once', async (t) => {
    const gateway = await startGateway(t, quick)
    const { ended, socket } = await holdTls(t, gateway, `${post}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`)
    setImmediate(() => socket.write('zzz\r\n'))
    const raw = await ended
    await allClosed(gateway)
    assertOnce(gateway, raw, 400, 'BAD_REQUEST')
  })

  test('a malformed body that comes with its headers gets 400, once', async (t) => {
    const gateway = await startGateway(t, quick)
    const { ended } = await holdTls(t, gateway, `${post}Transfer-Encoding: chunked\r\n\r\nzzz\r\n`)
    const raw = await ended
    await allClosed(gateway)
    assertOnce(gateway, raw, 400, 'BAD_REQUEST')
  })

  test('after an answer that did not wait for the body there is no second one', async (t) => {
    const gateway = await startGateway(t, { ...quick, BODY_LIMIT: '100' })
    const refused = await holdTls(t, gateway, `${post}Content-Length: 1000\r\n\r\n`, 'x')
    const redirected = await holdTcp(t, gateway.redirectPort, `${post}Content-Length: 1000\r\n\r\n`, 'x')
    const got = await holdTls(t, gateway, 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n', 'x')
    const spoiled = await holdTls(t, gateway, 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    await spoiled.heard(/\}$/)
    spoiled.socket.write('zzz\r\n')
    assert.deepEqual(statuses(await refused.ended), [413])
    assert.deepEqual(statuses(await redirected.ended), [308])
    assert.deepEqual(statuses(await got.ended), [200])
    assert.deepEqual(statuses(await spoiled.ended), [200])
    await allClosed(gateway)
    assert.equal(requestLines(gateway).length, 4)
    assert.deepEqual(troubleLines(gateway), [])
  })

  test('a body that nobody needs delays no answer and keeps no connection', async (t) => {
    let finish: (response: ServerResponse) => void
    const asked = new Promise<ServerResponse>((resolve) => { finish = resolve })
    const gateway = await startGateway(t, quick, (_request, response) => finish(response))
    const { ended, socket } = await holdTls(t, gateway, 'GET /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: slow\r\nTransfer-Encoding: chunked\r\n\r\n')
    const response = await asked
    socket.write('zzz\r\n')
    // Another's request, answered only after the malformed bytes were read.
    await once(gateway.app.server, 'clientError')
    response.end('whole')
    const raw = await ended
    await allClosed(gateway)
    assertOnce(gateway, raw, 200)
    assert.match(raw, /^connection: close\r$/m)
  })

  test('pipelined before a slow request, an answer goes out first, and whole', async (t) => {
    const gateway = await startGateway(t, quick, echo)
    const { ended } = await holdTls(t, gateway, `GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${post}Content-Length: 1000\r\n\r\n`, 'x')
    const raw = await ended
    assert.deepEqual(statuses(raw), [200, 408])
    assert.match(raw, /"url":"\/1"/)
    assert.equal((await ask(gateway)).status, 200)
  })
})
