import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { answerClientError } from '../../src/http/client-error.ts'
import { predictor } from '../helper.ts'
import { exchange, parse } from '../raw-socket.ts'

async function url (t: TestContext): Promise<string> {
  const { app } = await predictor(t)
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

const close = 'connection: close\r\n\r\n'
const refusals: [what: string, bytes: string, status: number, code: string][] = [
  ['bytes that are not HTTP', 'GARBAGE\r\n\r\n', 400, 'BAD_REQUEST'],
  ['a length that is no number', 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1x\r\n\r\n', 400, 'BAD_REQUEST'],
  ['two kinds of length', 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'BAD_REQUEST'],
  ['a chunk that is none', 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400, 'BAD_REQUEST'],
  ['headers over 32 KiB', `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(40_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ['no Host', `GET / HTTP/1.1\r\n${close}`, 400, 'BAD_REQUEST']
]

for (const [what, bytes, status, code] of refusals) {
  test(`${what}: ${status} in the contract's words, and the connection is closed`, async (t) => {
    const response = parse(await exchange(await url(t), bytes))
    assert.equal(response.status, status)
    const body = JSON.parse(response.body)
    assert.deepEqual([Object.keys(body), body.code], [['error', 'code', 'requestId'], code])
    assert.equal(body.requestId, response.headers['x-request-id'])
    assert.equal(Number(response.headers['content-length']), Buffer.byteLength(response.body))
    assert.equal(response.headers.connection, 'close')
    assert.equal(response.headers.server, undefined)
  })
}

test('headers of 20 KiB, more than the gateway takes from its clients, are read', async (t) => {
  const response = await exchange(await url(t), `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n${close}`)
  assert.equal(parse(response).status, 200)
})

test('an expectation that is not understood is ignored', async (t) => {
  const response = await exchange(await url(t), `GET / HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n${close}`)
  assert.equal(parse(response).status, 200)
})

test('HTTP/1.0 needs no Host', async (t) => {
  assert.equal(parse(await exchange(await url(t), 'GET / HTTP/1.0\r\n\r\n')).status, 200)
})

test('a body that is too large closes the connection after the refusal', async (t) => {
  const head = 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2000000\r\n\r\n'
  const response = parse(await exchange(await url(t), head))
  assert.deepEqual([response.status, response.headers.connection], [413, 'close'])
})

test('a request that takes too long to arrive: 408', async (t) => {
  const server = createServer({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 })
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket, () => 'an-id'))
  t.after(() => { server.close() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const response = parse(await exchange(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'GET / HT'))
  assert.deepEqual([response.status, JSON.parse(response.body).code], [408, 'REQUEST_TIMEOUT'])
})

test('garbage behind a request that is still being answered is not answered in its place', async (t) => {
  const server = createServer((request, response) => { request.resume().on('end', () => setImmediate(() => response.end('first'))) })
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket, () => 'an-id'))
  t.after(() => { server.close() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const received = await exchange(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'GET / HTTP/1.1\r\nhost: x\r\n\r\nGARBAGE\r\n\r\n')
  assert.equal(received, '')
})
