import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { predictor } from '../helper.ts'

for (const [url, allow] of [['/predict', 'POST'], ['/', 'GET, HEAD'], ['/v2/health/ready', 'GET, HEAD']] as const) {
  test(`${url} takes ${allow}; any other method is 405 with Allow`, async (t) => {
    const { app } = await predictor(t)
    for (const method of METHODS.filter((name) => name !== 'CONNECT' && !allow.split(', ').includes(name))) {
      const response = await app.inject({ method: method as InjectOptions['method'], url })
      assert.deepEqual([response.statusCode, response.headers.allow], [405, allow], method)
      if (method === 'HEAD') continue
      const requestId = response.headers['x-request-id']
      assert.deepEqual(response.json(), { error: `this path takes ${allow}; got ${method}`, code: 'METHOD_NOT_ALLOWED', requestId })
    }
  })
}

test('the method is refused before the body is looked at', async (t) => {
  const { app } = await predictor(t)
  const response = await app.inject({ method: 'PUT', url: '/predict', headers: { 'content-type': 'image/png' }, body: 'x' })
  assert.equal(response.statusCode, 405)
})
