import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predictor } from '../helper.ts'

test('a valid incoming id is kept, on answers and refusals', async (t) => {
  const { app } = await predictor(t)
  for (const id of ['a', 'A-b_c.9', 'x'.repeat(128)]) {
    for (const url of ['/', '/nothing', '/%zz']) {
      const response = await app.inject({ url, headers: { 'x-request-id': id } })
      assert.equal(response.headers['x-request-id'], id)
      if (url !== '/') assert.equal(response.json().requestId, id)
    }
  }
})

test('any other id is replaced, and no two requests share one', async (t) => {
  const { app } = await predictor(t)
  const seen = new Set()
  for (const id of ['', ' ', 'x'.repeat(129), 'a b', 'é', '<script>', 'a,b', undefined]) {
    const response = await app.inject({ url: '/', headers: id === undefined ? {} : { 'x-request-id': id } })
    const given = response.headers['x-request-id']
    assert.match(String(given), /^[A-Za-z0-9._-]{1,128}$/)
    assert.notEqual(given, id)
    seen.add(given)
  }
  assert.equal(seen.size, 8)
})
