import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import fp from 'fastify-plugin'
import { BodyMemory, bodyMemory } from '../../src/limits/body-memory.ts'
import { ask, connectHttp2, startGateway, until } from '../helper.ts'

const mebibyte = 1024 * 1024

test('a client holds no more than its share, and all together no more than the whole', () => {
  const memory = new BodyMemory(mebibyte)
  assert.ok(memory.take('a', 32 * mebibyte, true))
  assert.ok(!memory.take('a', 1, true))
  for (const client of 'bcdef') assert.ok(memory.take(client, 32 * mebibyte, true))
  assert.ok(!memory.take('g', 1, true), 'long bodies stop at three quarters')
  assert.ok(memory.take('g', 1000, false), 'short ones have room left')
  memory.give('b', 32 * mebibyte)
  assert.ok(memory.take('h', mebibyte, true))
})

test('a share is never smaller than one body', () => {
  assert.ok(new BodyMemory(100 * mebibyte).take('a', 100 * mebibyte, true))
})

test('everything given back is room again', () => {
  const memory = new BodyMemory(mebibyte)
  for (let i = 0; i < 100; i++) {
    assert.ok(memory.take('a', 20 * mebibyte, true))
    memory.give('a', 20 * mebibyte)
  }
  assert.equal(memory.held, 0)
})

test('a client that uploads more at a time than its share gets 503 for what is too much; others are served', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', RATE_LIMIT_RPS: '0' }, (request, response) => {
    request.resume().on('end', () => response.end('ok'))
  })
  const session = await connectHttp2(t, gateway)
  // Each stops short of its end, so that all that has come is held.
  const streams = Array.from({ length: 40 }, () => {
    const stream = session.request({ ':method': 'POST', ':path': '/upload', 'content-length': mebibyte })
    const state = { stream, status: 0 }
    stream.on('error', () => {})
    stream.on('response', (headers) => { state.status = headers[':status']! })
    stream.write(Buffer.alloc(mebibyte - 1))
    return state
  })
  await until(() => streams.some(({ status }) => status === 503))
  const refused = streams.filter(({ status }) => status === 503).length
  assert.ok(refused < 40)
  for (const { stream } of streams) stream.destroy()
  await until(() => gateway.upstreams.inFlight === 0)
  await until(() => session.destroyed || streams.every(({ stream }) => stream.destroyed))
  let served = 0
  await until(() => served === 200, async () => { served = (await ask(gateway, { method: 'POST', body: 'small' })).status })
})

test('a client that leaves before its body is looked at takes no memory with it', async (t) => {
  const app = Fastify()
  const memory = new BodyMemory(mebibyte)
  await app.register(fp(async (app) => {
    app.decorateRequest('client', null as never)
    app.addHook('onRequest', (request, reply, done) => {
      request.client = { address: '127.0.0.1', chain: [] }
      // As when a shared limit answers late.
      reply.raw.once('close', () => setImmediate(done))
    })
  }, { name: 'identity' }))
  await app.register(bodyMemory, { memory })
  let looked = 0
  app.addHook('preParsing', (_request, _reply, _payload, done) => { looked++; done() })
  app.addHook('onError', (_request, _reply, _error, done) => { looked++; done() })
  app.post('/', () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => app.close())
  for (const length of [100, 100_000]) {
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    const before = looked
    const taken = once(app.server, 'request')
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n"`)
    await taken
    client.destroy()
    await until(() => looked > before)
    assert.equal(memory.held, 0)
  }
})
