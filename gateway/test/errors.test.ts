import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BadRequest, UpstreamTimeout, errorBody, publicError } from '../src/errors.ts'

test('the gateway’s own errors go out as they are', () => {
  const error = new BadRequest('This is wrong.')
  assert.deepEqual(errorBody(publicError(error), 'id'), { error: 'This is wrong.', code: 'BAD_REQUEST', requestId: 'id' })
  assert.equal(publicError(new UpstreamTimeout()).statusCode, 504)
})

test('Fastify’s refusals get the contract’s codes', () => {
  const told = (code: string, statusCode: number) => publicError(Object.assign(new Error('inside'), { code, statusCode })).code
  assert.equal(told('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'BODY_TOO_LARGE')
  assert.equal(told('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'UNSUPPORTED_MEDIA_TYPE')
  assert.equal(told('FST_ERR_BAD_URL', 400), 'BAD_REQUEST')
})

test('nothing of an unknown error gets out, not even when it names a status', () => {
  const leaks = [
    new Error('connect ECONNREFUSED 10.0.0.7:8000'),
    Object.assign(new Error('/srv/app/secret.js'), { statusCode: 500 }),
    Object.assign(new Error('undici says no'), { statusCode: 400, code: 'UND_ERR' }),
    Object.assign(new Error('x'), { statusCode: 302 }),
    'a string', undefined, null
  ]
  for (const leak of leaks) {
    const { message, statusCode, code } = publicError(leak)
    assert.ok(['The server met an error of its own.', 'The request is not valid.'].includes(message), message)
    assert.ok(statusCode === 500 ? code === 'INTERNAL' : code === 'BAD_REQUEST')
  }
})
