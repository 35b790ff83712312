import assert from 'node:assert/strict'
import { test } from 'node:test'
import { post, predictor, writeItems } from '../helper.ts'

const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const requests = {
  'application/json': row,
  'application/x-ndjson': `${row}\n`,
  'application/x-exchange': writeItems([{ body: row }])
}

for (const [type, body] of Object.entries(requests)) {
  test(`${type}: a full queue is 503 with Retry-After and no error in the log; what waits is answered`, async (t) => {
    const { app, lines } = await predictor(t, undefined, 'cpu', { queueMax: 4 })
    const responses = await Promise.all(Array.from({ length: 20 }, () => post(app, type, body)))
    const refused = responses.filter(({ statusCode }) => statusCode === 503)
    assert.ok(responses.some(({ statusCode }) => statusCode === 200))
    assert.ok(refused.length > 0)
    assert.equal(responses.filter(({ statusCode }) => statusCode === 200).length + refused.length, 20)
    for (const { headers, body } of refused) {
      assert.equal(headers['retry-after'], '1')
      assert.deepEqual(JSON.parse(body), { error: 'too many rows are waiting; try again later', code: 'OVERLOADED', requestId: headers['x-request-id'] })
    }
    assert.ok(lines.every(({ level }) => Number(level) <= 30))
    assert.equal((await post(app, type, body)).statusCode, 200)
  })
}

test('a batch is refused before any of its rows is executed, or answered to its end', async (t) => {
  const { app, model } = await predictor(t, undefined, 'cpu', { queueMax: 4, executionMax: 2 })
  const { classify } = model
  const responses: ReturnType<typeof post>[] = []
  const ask = () => { responses.push(post(app, 'application/x-ndjson', `${row}\n`.repeat(10))) }
  let executed = 0
  // One more comes with each execution, so that some come between the slices of others.
  model.classify = (rows) => {
    executed += rows.length
    if (responses.length < 40) ask()
    return classify(rows)
  }
  ask()
  for (let i = 0; i < responses.length; i++) await responses[i]
  const answered = (await Promise.all(responses)).filter(({ statusCode }) => statusCode === 200)
  assert.ok(answered.length > 0 && answered.length < responses.length)
  assert.ok(answered.every(({ body }) => body.split('\n').length === 11))
  assert.equal(executed, 10 * answered.length)
})

test('batches, however many, leave single predictions their places', async (t) => {
  const { app } = await predictor(t, undefined, 'cpu', { queueMax: 4, executionMax: 2 })
  const batches = Array.from({ length: 10 }, () => post(app, 'application/x-ndjson', `${row}\n`.repeat(4)))
  const singles = await Promise.all([post(app, 'application/json', row), post(app, 'application/x-exchange', writeItems([{ body: row }]))])
  assert.deepEqual(singles.map(({ statusCode }) => statusCode), [200, 200])
  assert.ok((await Promise.all(batches)).some(({ statusCode }) => statusCode === 503), 'there were more batches than fit')
})
