import assert from 'node:assert/strict'
import { test } from 'node:test'
import { post, predict, predictor, readAnswers, writeItems } from '../helper.ts'

const exchange = 'application/x-exchange'
const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

test('each item is answered in its place, all valid ones in one execution', async (t) => {
  const { app, model } = await predictor(t)
  const batches: number[] = []
  const { classify } = model
  model.classify = (rows) => { batches.push(rows.length); return classify(rows) }
  const bodies = [row, '{', '{"iris_dimensions":[6.3,3.3,6,2.5]}', '{}', '{"iris_dimensions":[1,1,1,3e38]}']
  const response = await post(app, exchange, writeItems(bodies.map((body, i) => ({ body, id: `id-${i}` }))))
  assert.deepEqual([response.statusCode, response.headers['content-type']], [200, exchange])
  const answers = readAnswers(response.rawPayload)
  assert.deepEqual(answers.map(({ status }) => status), [200, 400, 200, 400, 400])
  assert.deepEqual([answers[0]!.body, answers[2]!.body], ['{"iris_type":"Iris-setosa"}', '{"iris_type":"Iris-virginica"}'])
  assert.deepEqual([1, 3, 4].map((i) => JSON.parse(answers[i]!.body).requestId), ['id-1', 'id-3', 'id-4'])
  assert.deepEqual([1, 3, 4].map((i) => JSON.parse(answers[i]!.body).code), ['INVALID_JSON', 'INVALID_INPUT', 'INVALID_INPUT'])
  assert.deepEqual(batches, [3])
})

test('the row on which the model throws is 500, logged under its own id and trace; its neighbours are answered', async (t) => {
  const { app, model, lines } = await predictor(t)
  const { classify } = model
  model.classify = (rows) => {
    if (rows.some(([first]) => first === 13)) throw new Error('planted bug')
    return classify(rows)
  }
  const response = await post(app, exchange, writeItems([{ body: row }, { body: row.replace('5.1', '13'), id: 'bad', traceparent: '00-a-b-01' }, { body: row }]))
  const answers = readAnswers(response.rawPayload)
  assert.deepEqual(answers.map(({ status }) => status), [200, 500, 200])
  assert.deepEqual(JSON.parse(answers[1]!.body), { error: 'internal error', code: 'INTERNAL', requestId: 'bad' })
  const failures = lines.filter(({ level }) => level === 50)
  assert.deepEqual(failures.map(({ requestId, traceparent, code }) => [requestId, traceparent, code]), [['bad', '00-a-b-01', 'INTERNAL']])
  assert.match((failures[0]!.err as { stack: string }).stack, /planted bug\n +at /)
})

test('an exchange that does not add up is refused as a whole', async (t) => {
  const { app } = await predictor(t)
  const response = await post(app, exchange, `[{"length":${row.length + 1}}]\n${row}`)
  assert.deepEqual([response.statusCode, response.json().code, response.headers['content-type']], [400, 'BAD_REQUEST', 'application/json; charset=utf-8'])
})

test('an exchange may be larger than a plain body, up to its own limit', async (t) => {
  const { app } = await predictor(t)
  const largest = { body: row.padEnd(16_384) }
  const response = await post(app, exchange, writeItems(Array(256).fill(largest)))
  assert.deepEqual(readAnswers(response.rawPayload).map(({ status }) => status), Array(256).fill(200))
  const tooLarge = await post(app, exchange, Buffer.alloc(4_718_593))
  assert.deepEqual([tooLarge.statusCode, tooLarge.json().error], [413, 'the body must be at most 4718592 bytes'])
})

test('more items than BATCH_QUEUE_MAX are refused', async (t) => {
  const { app } = await predictor(t, undefined, 'cpu', { queueMax: 3 })
  assert.equal((await post(app, exchange, writeItems(Array(3).fill({ body: row })))).statusCode, 200)
  assert.equal((await post(app, exchange, writeItems(Array(4).fill({ body: row })))).statusCode, 400)
})

test('it is answered while draining', async (t) => {
  const { app, readiness } = await predictor(t)
  readiness.ready = false
  const response = await post(app, exchange, writeItems([{ body: row }]))
  assert.deepEqual([response.statusCode, response.headers.connection], [200, 'close'])
  assert.equal(readAnswers(response.rawPayload)[0]!.body, (await predict(app, row)).body)
})

test('the type is known in any case and with parameters', async (t) => {
  const { app } = await predictor(t)
  assert.equal((await post(app, 'Application/X-Exchange ; version=1', writeItems([{ body: row }]))).statusCode, 200)
  assert.equal((await post(app, 'application/x-exchanges', writeItems([{ body: row }]))).statusCode, 415)
})
