import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { startGateway, until } from '../helper.ts'
import { requestLines } from '../limits/trickle.ts'
import { block, connectFrames, errors, flags, frame, request } from './frames.ts'

let upstreamGot: IncomingHttpHeaders[] = []
const scope = { after: (close: () => void) => test.after(close) } as Pick<TestContext, 'after'>
const gateway = await startGateway(scope, { HTTP2: 'on', RATE_LIMIT_RPS: '0' }, (asked, response) => {
  upstreamGot.push(asked.headers)
  response.end('{}')
})
test.beforeEach(() => {
  upstreamGot = []
  gateway.logged.length = 0
})

const whole = flags.END_HEADERS | flags.END_STREAM
const get = request('GET')

/** Every header but one. */
const without = (name: string) => get.filter(([other]) => other !== name)

// What nghttp2 refuses before it is a request (RFC 9113 §8.2, §8.3): the stream is reset, and nobody hears of it.
const malformed: Record<string, [string, string][]> = {
  'an uppercase name': [...get, ['X-Upper', 'y']],
  Connection: [...get, ['connection', 'keep-alive']],
  'Keep-Alive': [...get, ['keep-alive', 'timeout=5']],
  'Proxy-Connection': [...get, ['proxy-connection', 'keep-alive']],
  'Transfer-Encoding': [...get, ['transfer-encoding', 'chunked']],
  Upgrade: [...get, ['upgrade', 'websocket']],
  'TE other than trailers': [...get, ['te', 'gzip']],
  'two methods': [[':method', 'GET'], ...get],
  'two paths': [[':path', '/b'], ...get],
  'two authorities': [[':authority', 'b'], ...get],
  'a pseudo-header after the others': [...without(':path'), ['x', 'y'], [':path', '/']],
  'an unknown pseudo-header': [[':version', '2'], ...get],
  'a pseudo-header of answers': [[':status', '200'], ...get],
  'no method': without(':method'),
  'no scheme': without(':scheme'),
  'no path': without(':path'),
  'an empty path': [...without(':path').slice(0, 3), [':path', '']],
  'two Content-Lengths': [...get, ['content-length', '0'], ['content-length', '1']],
  'a signed Content-Length': [...get, ['content-length', '+0']],
  'a body without the length that was told': [...get, ['content-length', '5']],
  'two Hosts': [...get, ['host', 'localhost'], ['host', 'localhost']],
  'no authority and no Host': without(':authority'),
  'an absolute path': [...without(':path'), [':path', 'http://b/']],
  'an asterisk': [...without(':path'), [':path', '*']]
}

for (const [what, fields] of Object.entries(malformed)) {
  test(`reset: ${what}`, async (t) => {
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', whole, 1, block(fields)))
    assert.equal(await connection.resetOf(1), errors.PROTOCOL_ERROR)
    assert.deepEqual(requestLines(gateway), [])
  })
}

// Headers that are none are dropped, the request without them taken: they never reach the upstream either.
for (const [what, field] of Object.entries({
  'a NUL in a value': ['x', 'a\0b'],
  'a line break in a value': ['x', 'a\r\nb: c'],
  'a space in a name': ['x y', 'z'],
  'a colon in a name': ['x:y', 'z'],
  'an empty name': ['', 'z']
} as Record<string, [string, string]>)) {
  test(`dropped: ${what}`, async (t) => {
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', whole, 1, block([...get, field])))
    await until(() => requestLines(gateway).length === 1)
    assert.equal(requestLines(gateway)[0]!.status, 200)
    const names = Object.keys(upstreamGot[0]!)
    assert.ok(names.includes('host'))
    assert.deepEqual(names.filter((name) => name === '' || /^[xb](?!-)/.test(name)), [])
  })
}

// Requests to nghttp2, and none to the gateway.
const refused: Record<string, [[string, string][], number]> = {
  'a Host that is not the authority': [[...get, ['host', 'other']], 400],
  CONNECT: [[[':method', 'CONNECT'], [':authority', 'a:443']], 405],
  TRACE: [request('TRACE'), 405]
}

for (const [what, [fields, status]] of Object.entries(refused)) {
  test(`refused: ${what}`, async (t) => {
    const connection = await connectFrames(t, gateway)
    connection.send(frame('HEADERS', whole, 1, block(fields)))
    await until(() => requestLines(gateway).length === 1)
    const [line] = requestLines(gateway)
    assert.equal(line!.status, status)
    assert.equal(line!.client, '127.0.0.1')
    await connection.awaits('DATA', 1)
    assert.match(connection.body(1), new RegExp(`"code":"${line!.code as string}"`))
    assert.deepEqual(upstreamGot, [])
  })
}
