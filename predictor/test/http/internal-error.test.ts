import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predict, predictor } from '../helper.ts'

test('a bug is "internal error" to the client; the log has the cause under the same request id', async (t) => {
  const { app, model, lines } = await predictor(t)
  model.classify = () => { throw new Error('planted bug') }
  const response = await predict(app, '{"iris_dimensions":[5.1,3.5,1.4,0.2]}')
  const requestId = response.headers['x-request-id']
  assert.deepEqual([response.statusCode, response.json()], [500, { error: 'internal error', code: 'INTERNAL', requestId }])
  const [line, ...more] = lines.filter(({ level }) => level === 50)
  assert.deepEqual(more, [])
  assert.deepEqual([line?.code, line?.requestId], ['INTERNAL', requestId])
  assert.match((line?.err as { stack: string }).stack, /planted bug\n +at /)
})

test('client mistakes are not logged as errors, and no line holds a body', async (t) => {
  const { app, lines } = await predictor(t)
  await predict(app, '{"iris_dimensions":["planted-secret"]}')
  assert.ok(lines.length > 0)
  assert.ok(lines.every(({ level }) => Number(level) <= 30))
  assert.ok(!JSON.stringify(lines).includes('planted-secret'))
})
