import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRequestId, requestId } from '../src/request-id.ts'
import { ask, startGateway } from './helper.ts'

test('a valid incoming id is kept, any other replaced', () => {
  const kept = ['a', 'A-1._z', 'x'.repeat(128)]
  for (const id of kept) assert.equal(requestId({ headers: { 'x-request-id': id } }), id)
  for (const id of ['', 'x'.repeat(129), 'a b', 'a,b', 'é', 'a\u0000', '<script>']) {
    assert.notEqual(requestId({ headers: { 'x-request-id': id } }), id)
  }
})

test('new ids differ', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newRequestId)).size, 1000)
})

test('client, upstream, error body and log see the same id', async (t) => {
  const gateway = await startGateway(t)
  const { headers, json } = await ask(gateway, { headers: { 'x-request-id': 'mine-1' } })
  assert.equal(headers['x-request-id'], 'mine-1')
  assert.equal(json.headers['x-request-id'], 'mine-1')
  const refused = await ask(gateway, { method: 'TRACE' })
  assert.equal(refused.json.requestId, refused.headers['x-request-id'])
  assert.ok(gateway.logged.some((line) => line.msg === 'request' && line.requestId === 'mine-1'))
})
