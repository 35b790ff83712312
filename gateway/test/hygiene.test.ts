import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, sendRaw, startGateway, statusOf } from './helper.ts'
import type { TestGateway } from './helper.ts'

// Requests that two parsers may read in two ways (RFC 9112 §11.2 and its relatives). Each gets 400 and reaches nobody.
const refused: Record<string, string> = {
  'Content-Length and Transfer-Encoding': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two Content-Lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'two equal Content-Lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
  'a list as Content-Length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na',
  'a signed Content-Length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na',
  'a negative Content-Length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'a hexadecimal Content-Length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na',
  'two Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'two equal Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n',
  'no Host': 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
  'an empty Host': 'GET / HTTP/1.1\r\nHost: \r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a Host with a user': 'GET / HTTP/1.1\r\nHost: x@a\r\n\r\n',
  'a Host with a space': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'a bare LF after the request line': 'GET / HTTP/1.1\nHost: a\r\n\r\n',
  'a bare LF after a header': 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n',
  'a bare CR in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n',
  'an obfuscated chunked': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  'chunked before another coding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  'chunked twice': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n',
  'a vertical tab around chunked': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n',
  'a space before the colon': 'GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n',
  'a space in a header name': 'GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n',
  'a folded header': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n',
  'a header line that starts with a space': 'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
  'a NUL in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
  'a NUL in the target': 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'an absolute target': 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'an authority as target': 'GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'an asterisk as target': 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n\r\n',
  'HTTP/2.0 as a request line': 'GET / HTTP/2.0\r\nHost: a\r\n\r\n',
  'HTTP/1.2': 'GET / HTTP/1.2\r\nHost: a\r\n\r\n',
  'the HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an upgrade': 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'an upgrade to h2c': 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
  'an underscore twin of X-Forwarded-For': 'GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 6.6.6.6\r\n\r\n',
  'an underscore twin of Content-Length': 'POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 4\r\nContent-Length: 0\r\n\r\n',
  'a chunk size past all numbers': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
  'a chunk size with a sign': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n',
  'a chunk ended by a bare LF': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n',
  'a chunk longer than its size': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n'
}

for (const [what, bytes] of Object.entries(refused)) {
  test(`refused: ${what}`, async (t) => {
    let reached = 0
    const gateway = await startGateway(t, {}, (_request, response) => { reached++; response.end() })
    // What follows would be a second request to a parser that ended the first one elsewhere.
    const raw = await sendRaw(t, gateway, withClose(bytes))
    assert.equal(statusOf(raw), 400, raw.slice(0, 300))
    assert.equal(raw.match(/HTTP\/1\.1 /g)?.length, 1)
    assert.equal(reached, 0)
  })
}

/** Asks for the connection's end, so that an answer which keeps it alive does not keep the test waiting. */
function withClose (bytes: string): string {
  if (bytes.includes('Connection: close')) return bytes
  return bytes.includes('Connection:') ? bytes.replace('Connection: ', 'Connection: close, ') : bytes.replace(/(Host: [^\n]*\n)/, '$1Connection: close\r\n')
}

for (const path of ['/..', '/a/../b', '/a/..', '/%2e%2e/a', '/a/%2E./b', '/.', '/a/./b', '//a', '/a%2fb', '/a%5Cb', '/a\\b', '/%00', '/a#b']) {
  test(`refused: the path ${path}`, async (t) => {
    const gateway = await startGateway(t)
    const raw = await sendRaw(t, gateway, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    assert.equal(statusOf(raw), 400)
  })
}

test('harmless and therefore taken: dots in names, escapes in the query, a proto header', async (t) => {
  const gateway = await startGateway(t)
  for (const path of ['/a..b', '/a...', '/.well-known/x', '/x?a=%2F..%2F%00', '/a%20b']) assert.equal((await ask(gateway, { path })).status, 200, path)
  const { json } = await ask(gateway, { headers: JSON.parse('{"__proto__":"x","constructor":"y"}') })
  assert.equal(json.method, 'GET')
})

test('pipelined requests are answered in order; a malformed one after them does not spoil their answers', async (t) => {
  const gateway = await startGateway(t)
  const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const raw = await sendRaw(t, gateway, `${one('/1')}${one('/2')}NONSENSE\r\n\r\n`)
  assert.deepEqual(raw.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
  assert.ok(raw.indexOf('"url":"/1"') < raw.indexOf('"url":"/2"'))
  assert.match(raw, /connection: close/i)
})

test('trailers and chunk extensions are dropped, the body kept', async (t) => {
  const gateway = await startGateway(t)
  const raw = await sendRaw(t, gateway, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nTrailer: X-Late\r\n\r\n2;ext=1\r\nhi\r\n0\r\nX-Late: 1\r\n\r\n')
  assert.equal(statusOf(raw), 200)
  assert.match(raw, /"body":"hi"/)
  assert.match(raw, /"content-length":"2"/)
  assert.doesNotMatch(raw, /x-late/i)
})

test('a target longer than half the room for headers is 414, headers past all of it 431', async (t) => {
  const gateway = await startGateway(t, { HEADER_LIMIT: '4096' })
  assert.equal((await ask(gateway, { path: `/${'a'.repeat(2047)}` })).status, 200)
  const { status, json } = await ask(gateway, { path: `/${'a'.repeat(2048)}` })
  assert.equal(status, 414)
  assert.equal(json.code, 'URI_TOO_LONG')
  const large = await ask(gateway, { headers: { x: 'a'.repeat(4096) } })
  assert.equal(large.status, 431)
  assert.equal(large.json.code, 'HEADERS_TOO_LARGE')
})

test('with ALLOWED_HOSTS only those are served', async (t) => {
  const gateway = await startGateway(t, { ALLOWED_HOSTS: 'api.example,::1' })
  const status = async (host: string, to: TestGateway = gateway) => (await ask(to, { headers: { host } })).status
  assert.equal(await status('api.example'), 200)
  assert.equal(await status('API.Example:8443'), 200)
  assert.equal(await status('[::1]:8443'), 200)
  assert.equal(await status('other.example'), 421)
  assert.equal(await status('api.example.evil'), 421)
  assert.equal((await ask(gateway)).json.code, 'UNKNOWN_HOST')
})
