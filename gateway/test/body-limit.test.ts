import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connectTo, sendRaw, startGateway, statusOf } from './helper.ts'

test('a body up to the limit is passed on byte for byte', async (t) => {
  const gateway = await startGateway(t, { BODY_LIMIT: '1000' })
  const body = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
  const { json } = await ask(gateway, { method: 'POST', body, headers: { 'content-type': 'image/x-odd; a=b' } })
  assert.equal(json.body, body.toString('latin1'))
  assert.equal(json.headers['content-type'], 'image/x-odd; a=b')
  assert.equal(json.headers['content-length'], '1000')
})

test('a body without a type stays without one', async (t) => {
  const gateway = await startGateway(t)
  const { json } = await ask(gateway, { method: 'POST', body: 'x' })
  assert.equal(json.body, 'x')
  assert.equal(json.headers['content-type'], undefined)
})

test('a longer body is refused with 413 and never reaches the upstream', async (t) => {
  let reached = 0
  const gateway = await startGateway(t, { BODY_LIMIT: '1000' }, (_request, response) => { reached++; response.end() })
  const { status, json } = await ask(gateway, { method: 'POST', body: Buffer.alloc(1001) })
  assert.equal(status, 413)
  assert.equal(json.code, 'BODY_TOO_LARGE')
  const chunked = await sendRaw(t, gateway, `POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`)
  assert.equal(statusOf(chunked), 413)
  assert.equal(reached, 0)
})

test('the limit is told by Content-Length alone, before the body comes', async (t) => {
  const gateway = await startGateway(t, { BODY_LIMIT: '1000' })
  const socket = await connectTo(t, gateway)
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n')
  const [answer] = await new Promise<[Buffer]>((resolve) => socket.once('data', (data) => resolve([data])))
  assert.equal(statusOf(answer.toString()), 413)
  assert.match(answer.toString(), /^connection: close\r$/im)
})
