import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { post, predictor, writeItems } from '../helper.ts'

const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const traceId = '0123456789abcdef0123456789abcdef'
const traceparent = `00-${traceId}-0123456789abcdef-00`
const requests = (lines: Record<string, unknown>[]) => lines.filter(({ msg }) => msg === 'request')

async function listen (app: FastifyInstance): Promise<number> {
  await app.ready()
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  return (app.server.address() as AddressInfo).port
}

async function until (holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('a request has one line, under the gateway’s names', async (t) => {
  const { app, lines } = await predictor(t)
  const headers = { 'content-type': 'application/json', 'x-request-id': 'mine', traceparent }
  const response = await fetch(`http://127.0.0.1:${await listen(app)}/predict`, { method: 'POST', headers, body: row })
  const answer = await response.text()
  await until(() => requests(lines).length > 0)
  const [line, ...more] = requests(lines)
  assert.deepEqual(more, [])
  const { time, ms, pid: _, hostname: __, ...fields } = line!
  assert.ok(Number(ms) > 0 && Number(time) > 0)
  assert.deepEqual(fields, {
    level: 30,
    requestId: 'mine',
    traceId,
    client: '127.0.0.1',
    method: 'POST',
    route: '/predict',
    path: '/predict',
    status: 200,
    bytesIn: row.length,
    bytesOut: answer.length,
    httpVersion: '1.1',
    msg: 'request'
  })
})

test('a refused request’s line has its code; an unknown path is one route, and its query is left out', async (t) => {
  const { app, lines } = await predictor(t)
  await post(app, 'application/json', '{}')
  await app.inject('/nothing/here?token=planted')
  assert.deepEqual(requests(lines).map(({ route, path, status, code }) => ({ route, path, status, code })), [
    { route: '/predict', path: '/predict', status: 400, code: 'INVALID_INPUT' },
    { route: '/*', path: '/nothing/here', status: 404, code: 'NOT_FOUND' }
  ])
  assert.ok(!JSON.stringify(lines).includes('planted'))
})

test('an exchange’s line names its requests and those that were refused; at debug each has a line of its own', async (t) => {
  const { app, lines } = await predictor(t)
  await post(app, 'application/x-exchange', writeItems([{ body: row, id: 'a', traceparent }, { body: '{}', id: 'b' }, { body: row, id: 'c' }]))
  const [line, ...more] = requests(lines)
  assert.deepEqual(more, [])
  assert.equal(line?.status, 200)
  assert.deepEqual([line?.items, line?.refused, line?.requestIds], [3, 1, ['a', 'b', 'c']])
  assert.deepEqual(line?.traceIds, [traceId, null, null])
  assert.deepEqual(line?.refusals, [{ requestId: 'b', status: 400, code: 'INVALID_INPUT' }])
  const items = lines.filter(({ msg }) => msg === 'request in an exchange')
  assert.deepEqual(items.map(({ requestId, traceId, status, code }) => ({ requestId, traceId, status, code })), [
    { requestId: 'a', traceId, status: 200, code: undefined },
    { requestId: 'b', traceId: undefined, status: 400, code: 'INVALID_INPUT' },
    { requestId: 'c', traceId: undefined, status: 200, code: undefined }
  ])
})

test('an NDJSON batch’s line counts its rows and those that were refused', async (t) => {
  const { app, lines } = await predictor(t)
  await post(app, 'application/x-ndjson', `${row}\n{}\nnonsense\n`)
  const told = requests(lines).map(({ items, refused, requestIds }) => ({ items, refused, requestIds }))
  assert.deepEqual(told, [{ items: 3, refused: 2, requestIds: undefined }])
})

test('health checks and scrapes are told at debug alone', async (t) => {
  const { app, admin, lines } = await predictor(t)
  for (const path of ['/v2/health/live', '/v2/health/ready']) await app.inject(path)
  for (const path of ['/healthz', '/readyz', '/metrics']) await admin.inject(path)
  await app.inject('/')
  assert.deepEqual(requests(lines).map(({ path, level }) => [path, level]), [
    ['/v2/health/live', 20], ['/v2/health/ready', 20], ['/healthz', 20], ['/readyz', 20], ['/metrics', 20], ['/', 30]
  ])
})

test('bytes that are no request have a line with the answer’s id', async (t) => {
  const { app, lines } = await predictor(t)
  const socket = createConnection(await listen(app), '127.0.0.1')
  socket.setEncoding('utf8').end('NONSENSE\r\n\r\n')
  let answer = ''
  for await (const piece of socket) answer += piece
  const [line] = requests(lines)
  assert.deepEqual([line?.status, line?.code, line?.client], [400, 'BAD_REQUEST', '127.0.0.1'])
  assert.ok(answer.includes(`x-request-id: ${line?.requestId}`))
})

/** A request whose body does not come to its end, as far as the service has it. */
async function startRequest (app: FastifyInstance) {
  const socket = createConnection(await listen(app), '127.0.0.1')
  socket.write(`POST /predict HTTP/1.1\r\nhost: x\r\nx-request-id: mine\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n${row}`)
  await once(app.server, 'request')
  return socket
}

test('who leaves before the answer is 499, and no request is under way any more', async (t) => {
  const { app, lines, counts } = await predictor(t)
  const socket = await startRequest(app)
  socket.resetAndDestroy()
  await until(() => requests(lines).length > 0)
  const [line] = requests(lines)
  assert.deepEqual([line?.requestId, line?.status, line?.aborted, line?.client], ['mine', 499, true, '127.0.0.1'])
  assert.deepEqual([...counts.requests.active('http')].map(([, value]) => value), [0])
})

test('a request that ends before its body is whole has one line, with the answer that its connection got', async (t) => {
  const { app, lines } = await predictor(t)
  const socket = await startRequest(app)
  socket.setEncoding('utf8').end()
  let answer = ''
  for await (const piece of socket) answer += piece
  assert.match(answer, /^HTTP\/1.1 400 [^]*x-request-id: mine\r\n/)
  await until(() => requests(lines).length > 0)
  assert.deepEqual(requests(lines).map(({ requestId, status, code }) => [requestId, status, code]), [['mine', 400, 'BAD_REQUEST']])
})
