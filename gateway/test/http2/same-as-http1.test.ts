import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { ask, askHttp2, connectHttp2, startGateway, until } from '../helper.ts'
import type { Answer, TestGateway } from '../helper.ts'
import { requestLines, troubleLines } from '../limits/trickle.ts'
import { block, connectFrames, flags, frame, request } from './frames.ts'

/** What of an answer may differ: the id, the time, and what is of an HTTP/1.1 connection only. */
const incidental = new Set([':status', 'connection', 'keep-alive', 'transfer-encoding', 'x-request-id', 'date', 'content-length', 'ratelimit-remaining'])

function essence ({ status, headers, json }: Answer) {
  const kept = Object.entries(headers).filter(([name]) => !incidental.has(name)).sort()
  return { status, headers: Object.fromEntries(kept), code: json?.code, error: json?.error }
}

const cases: Record<string, { method?: string, path?: string, headers?: Record<string, string>, body?: string }> = {
  'an answer': {},
  'a refused method': { method: 'TRACE' },
  'a path with dot segments': { path: '/a/../b' },
  'a path with an escaped slash': { path: '/a%2fb' },
  'a path that cannot be decoded': { path: '/%zz' },
  'an underscore twin': { headers: { x_forwarded_for: '6.6.6.6' } },
  'an unknown expectation': { headers: { expect: 'miracles' } },
  'too large a body': { method: 'POST', body: 'x'.repeat(2000) },
  'a body': { method: 'POST', body: 'x', headers: { 'content-type': 'text/odd' } }
}

// Node's own word on headers that HTTP/2 does not have.
const warnings: Error[] = []
process.on('warning', (warning) => warnings.push(warning))
test.after(() => assert.deepEqual(warnings.filter(({ name }) => name === 'UnsupportedWarning'), []))

for (const [what, asked] of Object.entries(cases)) {
  test(`${what}: as in HTTP/1.1`, async (t) => {
    const gateway = await startGateway(t, { HTTP2: 'on', BODY_LIMIT: '1000' })
    const [one, two] = [await ask(gateway, asked), await askHttp2(await connectHttp2(t, gateway), asked)]
    assert.deepEqual(essence(two), essence(one))
    await until(() => requestLines(gateway).length === 2)
    assert.deepEqual(requestLines(gateway).map(({ client }) => client), ['127.0.0.1', '127.0.0.1'])
    assert.deepEqual(troubleLines(gateway), [])
  })
}

test('an unknown method is 400, as in HTTP/1.1, where it is no HTTP at all', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const { status, json } = await askHttp2(await connectHttp2(t, gateway), { method: 'BREW' })
  assert.equal(status, 400)
  assert.equal(json.code, 'BAD_REQUEST')
})

test('421 for a host that is not of the list, and 429 past the burst', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on', ALLOWED_HOSTS: 'api.example', RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '2' })
  const session = await connectHttp2(t, gateway)
  const answers: Answer[] = []
  for (const host of ['api.example:8443', 'other.example', 'api.example']) answers.push(await askHttp2(session, { headers: { ':authority': host } }))
  assert.deepEqual(answers.map(({ status, json }) => [status, json.code]), [[200, undefined], [421, 'UNKNOWN_HOST'], [429, 'RATE_LIMITED']])
  assert.equal(answers[2]!.headers['retry-after'], '100')
})

test('the upstream gets the same request', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const asked = { method: 'POST', path: '/x?y=z', headers: { host: 'a.example', 'x-request-id': 'same', te: 'trailers' }, body: 'whole' }
  const { host, te, ...headers } = asked.headers
  const one = (await ask(gateway, asked)).json
  const two = (await askHttp2(await connectHttp2(t, gateway), { ...asked, headers: { ':authority': host, te, ...headers } })).json
  for (const { headers } of [one, two]) delete headers.traceparent
  assert.deepEqual({ ...two, rawHeaders: [] }, { ...one, rawHeaders: [] })
})

test('a body without a type and without a length reaches the upstream', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const { json } = await askHttp2(await connectHttp2(t, gateway), { method: 'PUT', body: 'some' })
  assert.equal(json.body, 'some')
  assert.equal(json.headers['content-length'], '4')
  assert.equal(json.headers['transfer-encoding'], undefined)
})

test('HEAD has no body; 100-continue is answered; trailers are dropped', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const session = await connectHttp2(t, gateway)
  const head = await askHttp2(session, { method: 'HEAD' })
  assert.deepEqual([head.status, head.body], [200, ''])
  const expecting = session.request({ ':method': 'POST', expect: '100-continue' })
  await once(expecting, 'continue')
  expecting.end('hi')
  assert.equal((await once(expecting, 'response'))[0][':status'], 200)

  const connection = await connectFrames(t, gateway)
  connection.send(frame('HEADERS', flags.END_HEADERS, 1, block(request('POST'))), frame('DATA', 0, 1, 'hi'))
  connection.send(frame('HEADERS', flags.END_HEADERS | flags.END_STREAM, 1, block([['x-late', '1']])))
  await connection.awaits('DATA', 1)
  assert.match(connection.body(1), /"body":"hi"/)
  assert.doesNotMatch(connection.body(1), /x-late/)
})

test('on one port: HTTP/2 where the client offers it, HTTP/1.1 otherwise', async (t) => {
  const gateway = await startGateway(t, { HTTP2: 'on' })
  const versions = async (to: TestGateway) => {
    await ask(to)
    await askHttp2(await connectHttp2(t, to))
    await until(() => requestLines(to).length === 2)
    return requestLines(to).map(({ httpVersion }) => httpVersion)
  }
  assert.deepEqual(await versions(gateway), ['1.1', '2.0'])
})
