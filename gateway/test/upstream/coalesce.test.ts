import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { bodyOf, exchangeUpstream } from '../exchange-upstream.ts'
import { ask, connectTo, startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const unlimited = { RATE_LIMIT_RPS: '0', MAX_CONNECTIONS_PER_CLIENT: '1000' }
const headers = { 'content-type': 'application/json' }

const start = (t: TestContext, listener: RequestListener, env: Record<string, string> = {}) =>
  startGateway(t, { ...unlimited, ...env }, listener)
const predict = (gateway: TestGateway, body: string | Buffer, more = {}) =>
  ask(gateway, { method: 'POST', path: '/predict', headers: { ...headers, ...more }, body })

/** A gate that holds an upstream back until it is opened. */
function gate () {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  return { open, opened }
}

test('a request at rest goes at once, by itself', async (t) => {
  const seen: number[] = []
  const gateway = await start(t, exchangeUpstream(seen))
  for (let i = 0; i < 3; i++) assert.equal((await predict(gateway, `{"${i}"`)).json, undefined)
  assert.deepEqual(seen, [1, 1, 1])
})

test('while exchanges are under way requests gather; each gets its own answer, headers and id', async (t) => {
  const seen: number[] = []
  const { open, opened } = gate()
  const gateway = await start(t, exchangeUpstream(seen, () => opened), { COALESCE_MAX: '20' })
  const answers = Array.from({ length: 50 }, (_, index) => predict(gateway, index % 5 === 0 ? `bad ${index}` : `{${index}`, { 'x-request-id': `id-${index}` }))
  await until(() => gateway.connections.open === 50)
  open()
  for (const [index, { status, headers, body }] of (await Promise.all(answers)).entries()) {
    assert.equal(body, index % 5 === 0 ? `"bad ${index}"` : `"{${index}"`)
    assert.equal(status, index % 5 === 0 ? 400 : 201)
    assert.equal(headers['x-request-id'], `id-${index}`)
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  }
  assert.equal(seen.reduce((sum, count) => sum + count), 50)
  assert.ok(seen.length < 50 && Math.max(...seen) <= 20, seen.join())
})

test('whatever the bytes, the answer is the one that plain proxying gives', async (t) => {
  const together = await start(t, exchangeUpstream([]))
  const apart = await start(t, exchangeUpstream([]), { COALESCE_MAX: '0' })
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 12 }), async (bodies) => {
    const answersOf = (gateway: TestGateway) => Promise.all(bodies.map((body) => predict(gateway, Buffer.from(body))))
    const [one, other] = await Promise.all([answersOf(together), answersOf(apart)])
    const told = (answers: typeof one) => answers.map(({ status, headers, body }) => ({ status, type: headers['content-type'], body }))
    assert.deepEqual(told(one), told(other))
  }), { numRuns: 25 })
})

for (const [what, options] of [
  ['a query', { path: '/predict?x' }], ['another path', { path: '/other' }], ['another method', { method: 'PUT' }],
  ['another type', { headers: { 'content-type': 'text/plain' } }], ['another charset', { headers: { 'content-type': 'application/json; charset=latin1' } }],
  ['a content coding', { headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync('{}') }], ['a long body', { body: Buffer.alloc(16385) }],
  ['authorization', { headers: { ...headers, authorization: 'Bearer x' } }], ['a cookie', { headers: { ...headers, cookie: 'a=b' } }],
  ['another accept', { headers: { ...headers, accept: 'text/html' } }], ['a condition', { headers: { ...headers, 'if-none-match': '*' } }],
  ['an unknown header', { headers: { ...headers, 'x-tenant': 'a' } }]
] as const) {
  test(`a request with ${what} goes by itself`, async (t) => {
    const seen: number[] = []
    const gateway = await start(t, exchangeUpstream(seen))
    await ask(gateway, { method: 'POST', path: '/predict', headers, body: '{}', ...options })
    assert.deepEqual(seen, [0])
  })
}

test('an upstream that answers 415 gets everything plainly from then on, and each request once', async (t) => {
  const asked: string[] = []
  const gateway = await start(t, (request, response) => {
    asked.push(String(request.headers['content-type']))
    void bodyOf(request).then((body) => {
      if (request.headers['content-type'] === 'application/x-exchange') response.writeHead(415).end('{}')
      else response.end(body)
    })
  })
  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => predict(gateway, `{${index}`)))
  assert.deepEqual(answers.map(({ body }) => body), Array.from({ length: 10 }, (_, index) => `{${index}`))
  const exchanges = asked.filter((type) => type === 'application/x-exchange').length
  assert.ok(exchanges >= 1, asked.join())
  await predict(gateway, '{}')
  assert.equal(asked.filter((type) => type === 'application/x-exchange').length, exchanges)
  assert.equal(asked.length, exchanges + 11)
})

for (const [what, status, body, told] of [
  ['too few answers', 200, '[]\n', 502], ['lengths that do not add up', 200, '[[200,5]]\nabc', 502], ['garbage', 200, 'hello', 502],
  ['500', 500, '{}', 502], ['400', 400, '{}', 502], ['503', 503, '{}', 503]
] as const) {
  test(`an upstream that answers an exchange with ${what}: ${told} for each request in it`, async (t) => {
    const gateway = await start(t, (_request, response) => response.writeHead(status).end(body))
    const answer = await predict(gateway, '{}')
    assert.equal(answer.status, told)
    assert.equal(answer.json.code, told === 503 ? 'OVERLOADED' : 'UPSTREAM_UNREACHABLE')
    assert.equal(answer.headers['retry-after'], told === 503 ? '1' : undefined)
  })
}

test('who leaves while waiting is not sent on; the neighbours notice nothing', async (t) => {
  const seen: number[] = []
  const { open, opened } = gate()
  const gateway = await start(t, exchangeUpstream(seen, () => opened))
  const busy = [predict(gateway, '{first'), predict(gateway, '{second')]
  await until(() => gateway.upstreams.inFlight > 0)
  const leaving = await connectTo(t, gateway)
  leaving.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{leaving')
  const staying = Array.from({ length: 5 }, (_, index) => predict(gateway, `{${index}`))
  await until(() => gateway.connections.open === 8)
  leaving.destroy()
  await until(() => gateway.connections.open === 7)
  open()
  const answers = await Promise.all([...busy, ...staying])
  assert.deepEqual(answers.map(({ body }) => body), ['"{first"', '"{second"', '"{0"', '"{1"', '"{2"', '"{3"', '"{4"'])
})

test('each request has its own deadline', async (t) => {
  const gateway = await start(t, () => {}, { UPSTREAM_TIMEOUT_MS: '150' })
  const answers = await Promise.all(Array.from({ length: 5 }, () => predict(gateway, '{}')))
  for (const { status, json } of answers) {
    assert.equal(status, 504)
    assert.equal(json.code, 'UPSTREAM_TIMEOUT')
  }
})

test('past the queue: 503 at once, and room again as soon as there is', async (t) => {
  const { open, opened } = gate()
  const gateway = await start(t, exchangeUpstream([], () => opened), { UPSTREAM_QUEUE_MAX: '3', COALESCE_MAX: '1' })
  const all = Array.from({ length: 9 }, () => predict(gateway, '{}'))
  // Two exchanges under way, three waiting; the others are refused while those still wait.
  let refused = 0
  for (const answer of all) void answer.then(({ status }) => { if (status === 503) refused++ })
  await until(() => refused === 4)
  open()
  const statuses = (await Promise.all(all)).map(({ status }) => status).sort()
  assert.deepEqual(statuses, [201, 201, 201, 201, 201, 503, 503, 503, 503])
  assert.equal((await predict(gateway, '{}')).status, 201)
})

test('HTTP/2 streams share exchanges too', async (t) => {
  const seen: number[] = []
  const gateway = await start(t, exchangeUpstream(seen), { HTTP2: 'on' })
  const session = connectHttp2(`https://localhost:${gateway.port}`, { ca: gateway.ca })
  t.after(() => session.destroy())
  const bodies = await Promise.all(Array.from({ length: 40 }, async (_, index) => {
    const stream = session.request({ ':method': 'POST', ':path': '/predict', ...headers })
    stream.end(`{${index}`)
    let text = ''
    stream.on('data', (chunk) => { text += chunk })
    await once(stream, 'end')
    return text
  }))
  assert.deepEqual(bodies, Array.from({ length: 40 }, (_, index) => `"{${index}"`))
  assert.ok(Math.max(...seen) > 1, seen.join())
})
