import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectTo, sendRaw, startGateway } from '../helper.ts'
import { allClosed, statuses, troubleLines } from './trickle.ts'

const get = (path: string | number) => `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`

test('as many requests as HTTP/2 streams may be sent without waiting; then the connection ends with the last answer', async (t) => {
  const asked: string[] = []
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0' }, ({ url }, response) => { asked.push(url!); response.end(url) })
  const raw = await sendRaw(t, gateway, Array.from({ length: 300 }, (_, index) => get(index)).join(''))
  assert.deepEqual(statuses(raw), new Array(100).fill(200))
  assert.deepEqual(asked, Array.from({ length: 100 }, (_, index) => `/${index}`))
  assert.equal(raw.match(/^connection: close\r$/gim)?.length, 1)
  assert.ok(raw.lastIndexOf('\r\n\r\n/99') > raw.search(/^connection: close\r$/im))
  await allClosed(gateway)
  assert.deepEqual(troubleLines(gateway), [])
})

test('answers make room again: a connection takes any number of requests, some ahead of their answers', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0' }, (_request, response) => response.end('x'))
  const socket = await connectTo(t, gateway)
  let text = ''
  for (let answered = 0; answered < 300; answered += 60) {
    socket.write(Array.from({ length: 60 }, (_, index) => get(index)).join(''))
    while (statuses(text).length < answered + 60) text += await new Promise((resolve) => socket.once('data', resolve))
  }
  assert.deepEqual(statuses(text), new Array(300).fill(200))
  assert.doesNotMatch(text, /^connection: close\r$/im)
})

test('requests without end whose answers nobody reads are not read without end either', async (t) => {
  const limits = { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '400', KEEP_ALIVE_TIMEOUT_MS: '200', RATE_LIMIT_RPS: '0' }
  let asked = 0
  const gateway = await startGateway(t, limits, (_request, response) => { asked++; response.end('x') })
  const socket = await connectTo(t, gateway)
  socket.pause()
  const requests = get('').repeat(2000)
  const flood = () => { while (socket.writable && socket.write(requests)); }
  socket.on('drain', flood)
  flood()
  await allClosed(gateway)
  assert.equal(asked, 100)
})
