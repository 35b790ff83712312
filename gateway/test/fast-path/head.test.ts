import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHead } from '../../src/fast-path/head.ts'

const least = ['Host: example.com', 'Content-Length: 2', 'Content-Type: application/json']
const textOf = (lines: readonly string[], first = 'POST /predict HTTP/1.1') => `${[first, ...lines].join('\r\n')}\r\n\r\n`
const read = (lines: readonly string[], longestBody = 100) => readHead(textOf(lines), 16384, longestBody)

test('the headers that clients send are read, however they are spelled', () => {
  const lines = [...least, 'ACCEPT:*/*', 'user-agent: curl/8', 'Sec-Fetch-Mode: cors', 'sec-ch-ua: "x"', 'X-Request-Id:   a b  ', 'Referer:']
  const text = textOf(lines)
  assert.deepEqual(readHead(`${text}{}`, 16384, 100), {
    target: '/predict',
    end: text.length,
    host: 'example.com',
    'content-length': 2,
    'content-type': 'application/json',
    accept: '*/*',
    'x-request-id': 'a b'
  })
})

for (const [what, line] of [
  ['one that is unknown', 'X-Anything: 1'],
  ['a cookie', 'Cookie: a=b'],
  ['authorization', 'Authorization: Basic x'],
  ['a second Content-Length', 'content-length: 2'],
  ['a second Host', 'HOST: example.com'],
  ['a second X-Forwarded-For', 'X-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2'],
  ['a transfer coding', 'Transfer-Encoding: chunked'],
  ['an expectation', 'Expect: 100-continue'],
  ['an upgrade', 'Upgrade: h2c'],
  ['a content coding', 'Content-Encoding: gzip'],
  ['a twin with underscores', 'X_Request_Id: a'],
  ['a property of all objects', '__proto__: a'],
  ['a condition', 'If-Match: "a"'],
  ['a name of no letters', 'sec-a b: c'],
  ['a space before the colon', 'Accept : */*'],
  ['a line that goes on in the next', 'Accept: a,\r\n b'],
  ['a line without a colon', 'Accept'],
  ['a line without a name', ': a'],
  ['a line feed alone', 'Accept: */*\nDNT: 1'],
  ['a carriage return alone', 'Accept: */*\rDNT: 1'],
  ['a NUL', 'Referer: \0'],
  ['a tab', 'Referer:\ta'],
  ['a letter that is not ASCII', 'Referer: \u00e9']
] as const) {
  test(`headers with ${what} are not read`, () => {
    assert.equal(read([...least, line]), undefined)
  })
}

for (const [what, lines] of [
  ['no Host', least.slice(1)],
  ['no length', [least[0]!, least[2]!]],
  ['no type', least.slice(0, 2)],
  ['a host that is none', ['Host: a b', ...least.slice(1)]],
  ['no body', [least[0]!, 'Content-Length: 0', least[2]!]],
  ['a longer body', [least[0]!, 'Content-Length: 101', least[2]!]],
  ['a signed length', [least[0]!, 'Content-Length: +2', least[2]!]],
  ['a length with a zero in front', [least[0]!, 'Content-Length: 02', least[2]!]],
  ['two lengths in one', [least[0]!, 'Content-Length: 2, 2', least[2]!]],
  ['a length of many digits', [least[0]!, 'Content-Length: 100000', least[2]!]]
] as const) {
  test(`headers with ${what} are not read`, () => {
    assert.equal(read(lines, what === 'a length of many digits' ? 1e6 : 100), undefined)
  })
}

for (const first of [
  'GET /predict HTTP/1.1', 'post /predict HTTP/1.1', 'POST  /predict HTTP/1.1 ', 'POST /predict HTTP/1.0', 'POST /predict HTTP/2.0', 'POST /predict',
  'POST /predict http/1.1', ' POST /predict HTTP/1.1', '\r\nPOST /predict HTTP/1.1', ' HTTP/1.1', 'POST HTTP/1.1'
]) {
  test(`a request that begins with ${JSON.stringify(first)} is not read`, () => {
    assert.equal(readHead(textOf(least, first), 16384, 100), undefined)
  })
}

test('a head that is not whole, or longer than it may be, is not read', () => {
  const text = textOf(least)
  for (let length = 0; length < text.length; length++) assert.equal(readHead(text.slice(0, length), 16384, 100), undefined)
  assert.ok(readHead(text, text.length - 2, 100))
  assert.equal(readHead(text, text.length - 3, 100), undefined)
})

test('more headers than any browser sends are not read: the usual way counts them', () => {
  const ofBrowsers = (count: number) => [...least, ...Array.from({ length: count }, (_, index) => `sec-${index}:`)]
  assert.ok(read(ofBrowsers(20)))
  assert.equal(read(ofBrowsers(1000)), undefined)
})
