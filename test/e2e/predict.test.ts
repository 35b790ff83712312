import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fetchOnce, predict } from './https.ts'
import { startStack } from './stack.ts'
import type { Stack } from './stack.ts'

let stack: Stack
const cleanups: (() => unknown)[] = []
before(async () => { stack = await startStack({ after: (clean) => { cleanups.push(clean as () => unknown) } }) })
after(async () => { for (const clean of cleanups) await clean() })

test('POST /predict answers exactly the label', async () => {
  const { status, headers, body } = await predict(stack.url, stack.ca)
  assert.equal(status, 200)
  assert.equal(body, '{"iris_type":"Iris-setosa"}')
  assert.match(headers['content-type']!, /^application\/json/)
  assert.equal((await predict(stack.url, stack.ca, [7, 3.2, 4.7, 1.4])).body, '{"iris_type":"Iris-versicolor"}')
  assert.equal((await predict(stack.url, stack.ca, [6.3, 3.3, 6, 2.5])).body, '{"iris_type":"Iris-virginica"}')
})

test('GET / says that it runs', async () => {
  const { status, body, headers } = await fetchOnce(`${stack.url}/`, { ca: stack.ca })
  assert.equal(status, 200)
  assert.equal(body, '{"status":"application is running"}')
  assert.equal(headers.vary, 'Accept')
})

for (const [what, dimensions] of [
  ['a string', ['5.1', 3.5, 1.4, 0.2]], ['a boolean', [true, 3.5, 1.4, 0.2]], ['null', [null, 3.5, 1.4, 0.2]], ['a nested list', [[5.1], 3.5, 1.4, 0.2]],
  ['three entries', [5.1, 3.5, 1.4]], ['five entries', [5.1, 3.5, 1.4, 0.2, 1]], ['no list', 5.1], ['too large a number', [1e38, 1e38, 1e38, 1e38]]
] as const) {
  test(`${what}: 400 with a sentence that helps`, async () => {
    const { status, headers, body } = await predict(stack.url, stack.ca, dimensions)
    const { error, code, requestId, ...more } = JSON.parse(body)
    assert.equal(status, 400)
    assert.equal(code, 'INVALID_INPUT')
    assert.match(error, /iris_dimensions/)
    assert.equal(requestId, headers['x-request-id'])
    assert.deepEqual(more, {})
  })
}

test('not JSON, no JSON type, no such path, no such method', async () => {
  const post = (path: string, body: string, type = 'application/json') => fetchOnce(`${stack.url}${path}`, { method: 'POST', ca: stack.ca, headers: { 'content-type': type }, body })
  const told = async (answer: Promise<{ status: number, body: string }>) => {
    const { status, body } = await answer
    return `${status} ${JSON.parse(body).code}`
  }
  assert.equal(await told(post('/predict', '{"iris_dimensions":[1e999,1,1,1]}')), '400 INVALID_INPUT')
  assert.equal(await told(post('/predict', '{')), '400 INVALID_JSON')
  assert.equal(await told(post('/predict', '<a/>', 'text/xml')), '415 UNSUPPORTED_MEDIA_TYPE')
  assert.equal(await told(post('/nowhere', '{}')), '404 NOT_FOUND')
  const get = await fetchOnce(`${stack.url}/predict`, { ca: stack.ca })
  assert.equal(get.status, 405)
  assert.equal(get.headers.allow, 'POST')
})

test('many at once: NDJSON, a line an answer; one bad line spoils no other', async () => {
  const lines = ['{"iris_dimensions":[5.1,3.5,1.4,0.2]}', '{"iris_dimensions":[1]}', '{', '{"iris_dimensions":[6.3,3.3,6,2.5]}']
  const { status, headers, body } = await fetchOnce(`${stack.url}/predict`, {
    method: 'POST', ca: stack.ca, headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n')
  })
  assert.equal(status, 200)
  assert.match(headers['content-type']!, /^application\/x-ndjson/)
  const answers = body.trim().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(answers.map(({ status, body }) => body.iris_type ?? `${status} ${body.code}`), [
    'Iris-setosa', '400 INVALID_INPUT', '400 INVALID_JSON', 'Iris-virginica'
  ])
})

test('concurrent predictions share exchanges, and each gets its own answer', async () => {
  const dimensions = [[5.1, 3.5, 1.4, 0.2], [7, 3.2, 4.7, 1.4], [6.3, 3.3, 6, 2.5], ['x']]
  const labels = ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica', undefined]
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => predict(stack.url, stack.ca, dimensions[index % 4])))
  for (const [index, { status, headers, body }] of answers.entries()) {
    const { iris_type: label, requestId } = JSON.parse(body)
    assert.equal(status, labels[index % 4] === undefined ? 400 : 200)
    assert.equal(label, labels[index % 4])
    if (label === undefined) assert.equal(requestId, headers['x-request-id'])
  }
  assert.doesNotMatch(stack.local.output(), /exchange failed|does not speak the exchange/)
})

test('an exchange from outside is refused', async () => {
  const { status, body } = await fetchOnce(`${stack.url}/predict`, {
    method: 'POST', ca: stack.ca, headers: { 'content-type': 'application/x-exchange' }, body: '[{"length":2,"id":"x"}]\n{}'
  })
  assert.equal(status, 415)
  assert.equal(JSON.parse(body).code, 'UNSUPPORTED_MEDIA_TYPE')
})

test('plain HTTP is sent to the same path on HTTPS', async () => {
  const { status, headers } = await fetchOnce(`${stack.redirectUrl}/predict?a=b`, { method: 'POST' })
  assert.equal(status, 308)
  assert.equal(headers.location, `${stack.url}/predict?a=b`)
})

test('the private ports say alive and ready; the public one does not have them', async () => {
  for (const url of [stack.adminUrl, stack.predictorAdminUrl]) {
    assert.equal((await fetchOnce(`${url}/healthz`)).status, 200)
    assert.equal((await fetchOnce(`${url}/readyz`)).status, 200)
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal((await fetchOnce(`${stack.url}${path}`, { ca: stack.ca })).status, 404)
  assert.equal((await fetchOnce(`${stack.url}/v2/health/ready`, { ca: stack.ca })).status, 200)
})

test('gateway and predictor log the same request id', async () => {
  await fetchOnce(`${stack.url}/`, { ca: stack.ca, headers: { 'x-request-id': 'e2e-joined' } })
  await stack.local.said(/gateway {3}\| .*"requestId":"e2e-joined"/)
})
