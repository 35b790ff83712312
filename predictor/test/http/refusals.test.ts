import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { predictor } from '../helper.ts'

const json = { 'content-type': 'application/json' }
const post = (rest: InjectOptions): InjectOptions => ({ method: 'POST', url: '/predict', headers: json, ...rest })
const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

const refusals: [what: string, request: InjectOptions, status: number, code: string, sentence: string][] = [
  ['an unknown path', { url: '/nothing' }, 404, 'NOT_FOUND', 'there is nothing at this path'],
  ['an unknown path with a body', post({ url: '/predict/', body: row }), 404, 'NOT_FOUND', 'there is nothing at this path'],
  ['a malformed URL', { url: '/%zz' }, 400, 'BAD_REQUEST', 'the URL holds a malformed percent-encoding'],
  ['broken JSON', post({ body: '{"iris_dimensions":[5.1,' }), 400, 'INVALID_JSON', 'the body must be JSON; it could not be parsed'],
  ['NaN, which is not JSON', post({ body: '{"iris_dimensions":[NaN,1,1,1]}' }), 400, 'INVALID_JSON', 'the body must be JSON; it could not be parsed'],
  ['an empty body', post({ body: '' }), 400, 'INVALID_JSON', 'the body must be JSON; got nothing'],
  ['no body', post({ headers: {} }), 400, 'INVALID_INPUT', 'the body must be an object with iris_dimensions; got null'],
  ['plain text', post({ body: row, headers: { 'content-type': 'text/plain' } }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'content-type must be application/json; got "text/plain"'],
  ['a form', post({ body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'content-type must be application/json; got "application/x-www-form-urlencoded"'],
  ['a body of no type', post({ body: row, headers: {} }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'content-type must be application/json; got nothing'],
  ['a type that is none', post({ body: row, headers: { 'content-type': ';;' } }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'content-type must be application/json; got ";;"'],
  ['a compressed body', post({ body: row, headers: { ...json, 'content-encoding': 'gzip' } }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'the body must not have a content-encoding; got "gzip"'],
  ['a body over 1 MiB', post({ body: `{"x":"${'x'.repeat(2 ** 20)}"}` }), 413, 'BODY_TOO_LARGE', 'the body must be at most 1048576 bytes'],
  ['a body that is not as long as it says', post({ body: row, headers: { ...json, 'content-length': '12' } }), 400, 'BAD_REQUEST', 'the body must be as long as its content-length says']
]

for (const [what, request, status, code, sentence] of refusals) {
  test(`${what}: ${status} ${code}`, async (t) => {
    const { app } = await predictor(t)
    const response = await app.inject(request)
    assert.equal(response.statusCode, status)
    assert.equal(response.body, JSON.stringify({ error: sentence, code, requestId: response.headers['x-request-id'] }))
    assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  })
}

test('a body of exactly 1 MiB is read', async (t) => {
  const { app } = await predictor(t)
  const filler = 'x'.repeat(2 ** 20 - row.length - '"x":"",'.length)
  const response = await app.inject(post({ body: row.replace('{', `{"x":"${filler}",`) }))
  assert.equal(response.statusCode, 200)
})

test('broken JSON does not cost the connection', async (t) => {
  const { app } = await predictor(t)
  assert.notEqual((await app.inject(post({ body: '{' }))).headers.connection, 'close')
})
