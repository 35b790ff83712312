import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { InferenceCounts } from '../../src/observe/metrics/inference.ts'
import { post, predictor, writeItems } from '../helper.ts'
import { flowers, signatureOf } from '../model-folder.ts'

/** The samples of a scrape by name and labels, as they are written. */
async function scrape (admin: FastifyInstance): Promise<Map<string, number>> {
  const { headers, payload } = await admin.inject('/metrics')
  assert.match(headers['content-type'] as string, /^text\/plain; version=0\.0\.4/)
  const samples = payload.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ')
    return [line.slice(0, at), Number(line.slice(at + 1))] as const
  })
  return new Map(samples)
}

const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const refused = '{"iris_dimensions":[1]}'
const overflowing = '{"iris_dimensions":[1e38,-1e38,1e38,1e38]}'

test('requests are counted by route, method and class of status; unknown paths and methods are one each', async (t) => {
  const { app, admin } = await predictor(t)
  await post(app, 'application/json', row)
  await post(app, 'application/json', refused)
  for (let i = 0; i < 20; i++) {
    await app.inject({ method: 'GET', url: `/made/up/${i}` })
    await app.inject({ method: ['PURGE', 'COPY', 'LINK', 'MOVE'][i % 4] as 'GET', url: '/predict' })
  }
  const samples = await scrape(admin)
  const count = (route: string, method: string, statuses: string) => samples.get('http_server_request_duration_seconds_count' +
    `{http_request_method="${method}",http_route="${route}",http_response_status_class="${statuses}",url_scheme="http"}`)
  assert.equal(count('/predict', 'POST', '2xx'), 1)
  assert.equal(count('/predict', 'POST', '4xx'), 1)
  assert.equal(count('/*', 'GET', '4xx'), 20)
  assert.equal(count('/predict', '_OTHER', '4xx'), 20)
  assert.equal([...samples.keys()].filter((key) => key.startsWith('http_server_request_duration_seconds_count')).length, 4)
  assert.deepEqual([...samples].filter(([key]) => key.startsWith('http_server_active_requests')).map(([, value]) => value), [0, 0, 0])
})

test('what was refused is counted by its code, wherever it came in', async (t) => {
  const { app, admin } = await predictor(t)
  await post(app, 'application/json', refused)
  await post(app, 'application/x-ndjson', `${row}\n${refused}\nnonsense\n`)
  await post(app, 'application/x-exchange', writeItems([{ body: refused }, { body: row }]))
  const samples = await scrape(admin)
  assert.equal(samples.get('predictor_refused_requests_total{error_type="INVALID_INPUT"}'), 3)
  assert.equal(samples.get('predictor_refused_requests_total{error_type="INVALID_JSON"}'), 1)
})

test('executions, their rows, their labels and what overflowed', async (t) => {
  const { app, admin } = await predictor(t)
  await post(app, 'application/x-exchange', writeItems([{ body: row }, { body: row }, { body: overflowing }, { body: refused }]))
  await post(app, 'application/json', row)
  const samples = await scrape(admin)
  assert.equal(samples.get('predictor_inference_duration_seconds_count'), 2)
  assert.equal(samples.get('predictor_batch_rows_bucket{le="2"}'), 1)
  assert.equal(samples.get('predictor_batch_rows_bucket{le="4"}'), 2)
  assert.equal(samples.get('predictor_batch_rows_sum'), 4)
  assert.equal(samples.get('predictor_predictions_total{model_name="flowers",model_version="1",label="Iris-setosa"}'), 3)
  assert.equal(samples.get('predictor_predictions_total{model_name="flowers",model_version="1",label="Iris-virginica"}'), 0)
  assert.equal(samples.get('predictor_overflows_total'), 1)
  assert.equal(samples.get('predictor_queue_rows'), 0)
  assert.equal(samples.get('predictor_model_info{model_name="flowers",model_version="1",backend="cpu"}'), 1)
})

test('an execution that throws is counted, and those that follow it', async (t) => {
  const { app, admin, model } = await predictor(t)
  const { classify } = model
  model.classify = (rows) => {
    if (rows.length > 1) throw new Error('planted bug')
    return classify(rows)
  }
  await post(app, 'application/x-exchange', writeItems([{ body: row }, { body: row }]))
  const samples = await scrape(admin)
  assert.equal(samples.get('predictor_inference_failures_total'), 1)
  assert.equal(samples.get('predictor_inference_duration_seconds_count'), 3)
})

test('rows that wait for an execution are told', async (t) => {
  const { app, model, counts } = await predictor(t, undefined, 'cpu', { executionMax: 1 })
  const { classify } = model
  const waiting: number[] = []
  model.classify = (rows) => {
    waiting.push(counts.inference.waiting())
    return classify(rows)
  }
  await post(app, 'application/x-exchange', writeItems([{ body: row }, { body: row }, { body: row }]))
  assert.deepEqual(waiting, [2, 1, 0])
})

test('swaps and refusals are told, with 0 at first', async (t) => {
  const { admin, refusals } = await predictor(t)
  const read = async () => {
    const samples = await scrape(admin)
    return [samples.get('predictor_model_swaps_total'), samples.get('predictor_model_refusals_total')]
  }
  assert.deepEqual(await read(), [0, 0])
  refusals.total = 2
  assert.deepEqual(await read(), [0, 2])
})

test('counts of a version go on when it serves again; versions long gone are told no longer', () => {
  const counts = new InferenceCounts()
  const version = (number: number) => ({ ...signatureOf(flowers, String(number)) })
  counts.of(version(1)).outOfDistribution = 7
  assert.equal(counts.of(version(1)).outOfDistribution, 7)
  for (let number = 2; number <= 10; number++) counts.of(version(number))
  assert.deepEqual([...counts.models.values()].map(({ version }) => version), ['7', '8', '9', '10'])
})
