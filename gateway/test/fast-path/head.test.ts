import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHead } from '../../src/fast-path/head.ts'

const least = ['Host', 'example.com', 'Content-Length', '2', 'Content-Type', 'application/json']

test('the headers that clients send are read, however they are spelled', () => {
  assert.deepEqual(
    readHead([...least, 'ACCEPT', '*/*', 'user-agent', 'curl/8', 'Sec-Fetch-Mode', 'cors', 'sec-ch-ua', '"x"', 'X-Request-Id', 'a'], 100),
    { host: 'example.com', 'content-length': 2, 'content-type': 'application/json', accept: '*/*', 'x-request-id': 'a' })
})

for (const [what, ...headers] of [
  ['one that is unknown', 'X-Anything', '1'],
  ['a cookie', 'Cookie', 'a=b'],
  ['authorization', 'Authorization', 'Basic x'],
  ['a second Content-Length', 'content-length', '2'],
  ['a second Host', 'HOST', 'example.com'],
  ['a second X-Forwarded-For', 'X-Forwarded-For', '192.0.2.1', 'x-forwarded-for', '192.0.2.2'],
  ['a transfer coding', 'Transfer-Encoding', 'chunked'],
  ['an expectation', 'Expect', '100-continue'],
  ['an upgrade', 'Upgrade', 'h2c'],
  ['a content coding', 'Content-Encoding', 'gzip'],
  ['a twin with underscores', 'X_Request_Id', 'a'],
  ['a property of all objects', '__proto__', 'a'],
  ['a condition', 'If-Match', '"a"']
] as const) {
  test(`headers with ${what} take the usual way`, () => {
    assert.equal(readHead([...least, ...headers], 100), undefined)
  })
}

test('more headers than anybody needs take the usual way', () => {
  assert.equal(readHead([...least, ...Array.from({ length: 1000 }, () => ['sec-a', '']).flat()], 100), undefined)
})

for (const [what, headers] of [
  ['no Host', least.slice(2)],
  ['no length', [...least.slice(0, 2), ...least.slice(4)]],
  ['no type', least.slice(0, 4)],
  ['a host that is none', ['Host', 'a b', ...least.slice(2)]],
  ['no body', ['Content-Length', '0', ...least.slice(0, 2), ...least.slice(4)]],
  ['a longer body', ['Content-Length', '101', ...least.slice(0, 2), ...least.slice(4)]],
  ['a signed length', ['Content-Length', '+2', ...least.slice(0, 2), ...least.slice(4)]],
  ['a length with a zero in front', ['Content-Length', '02', ...least.slice(0, 2), ...least.slice(4)]],
  ['a length of many digits', ['Content-Length', '100000', ...least.slice(0, 2), ...least.slice(4)]]
] as const) {
  test(`headers with ${what} take the usual way`, () => {
    assert.equal(readHead([...headers], what === 'a length of many digits' ? 1e6 : 100), undefined)
  })
}
