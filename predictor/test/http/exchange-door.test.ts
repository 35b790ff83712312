import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { exchangeLimit } from '../../src/http/exchange.ts'
import { writeItems } from '../helper.ts'
import { answersOn, ask, comparable, listening, request, row, ways } from './two-ways.ts'

const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00'
const valid = writeItems([{ body: row, id: 'a', traceparent }, { body: row }])
type Parts = Awaited<ReturnType<typeof listening>>
interface Case { bodies: Buffer[], statuses: number[], spoil?: (parts: Parts) => void, queueMax?: number }

const throwing = () => { throw new Error('planted bug') }
const cases: Record<string, Case> = {
  'all items valid': { bodies: [valid], statuses: [200] },
  'no items': { bodies: [Buffer.from('[]\n')], statuses: [200] },
  'some items bad, one of them with more than ASCII': { bodies: [writeItems([{ body: row }, { body: '{"é…":1}', id: 'b' }, { body: '{' }, { body: '{"iris_dimensions":"é"}' }])], statuses: [200] },
  'large, in several pieces': { bodies: [writeItems(Array(256).fill({ body: row.padEnd(16_384) }))], statuses: [200] },
  'a line that is not JSON': { bodies: [Buffer.from('é\n')], statuses: [400] },
  'lengths that do not add up': { bodies: [Buffer.from(`[{"length":3}]\n${row}`)], statuses: [400] },
  'more items than allowed': { bodies: [writeItems(Array(5).fill({ body: row }))], statuses: [400], queueMax: 4 },
  'a model that throws': { bodies: [valid], statuses: [200], spoil: ({ model }) => { model.classify = throwing } },
  'a bug beside the model': { bodies: [valid], statuses: [500], spoil: ({ models }) => { Object.assign(models.current, { predict: throwing }) } },
  'two at once, and room for one': { bodies: [writeItems([{ body: row }]), writeItems([{ body: row }]), writeItems([])], statuses: [200, 503, 200], queueMax: 1 },
  draining: { bodies: [valid], statuses: [200], spoil: ({ readiness }) => { readiness.ready = false } }
}

/** Sends the exchanges of a case in one go. @returns their answers, and all that was logged and counted */
async function course (t: TestContext, { bodies, spoil, queueMax = 2048 }: Case, more: string) {
  const parts = await listening(t, { queueMax })
  spoil?.(parts)
  const { answers, socket } = await ask(parts.url, Buffer.concat(bodies.map((body) => request(body, more))), bodies.length)
  await parts.accessLines(bodies.length)
  socket.destroy()
  const { lines, counts: { refused, requests } } = parts
  const durations = [...requests.durations('http')].map(([labels, { counts }]) => [labels, counts.reduce((a, b) => a + b)])
  return { fastify: parts.fastify.requests, told: comparable({ answers, lines, refused: [...refused], active: [...requests.active('http')], durations }) }
}

for (const [what, exchanges] of Object.entries(cases)) {
  test(`past Fastify and by it, the same is answered, logged and counted: ${what}`, async (t) => {
    const [direct, usual] = [await course(t, exchanges, ways.direct), await course(t, exchanges, ways.usual)]
    assert.deepEqual([direct.fastify, usual.fastify], [0, exchanges.bodies.length])
    assert.deepEqual(direct.told.answers.map(({ status }) => status), exchanges.statuses)
    assert.deepEqual(direct.told, usual.told)
  })
}

test('the answer’s id is the log line’s; while draining the answer ends the connection', async (t) => {
  const { url, readiness, accessLines } = await listening(t)
  readiness.ready = false
  const { answers: [answer], socket } = await ask(url, request(valid, ways.direct))
  assert.equal(answer!.headers.connection, 'close')
  assert.deepEqual(await answersOn(socket, 1), [])
  assert.equal((await accessLines(1))[0]!.requestId, answer!.headers['x-request-id'])
})

test('one exchange after the other comes over a connection', async (t) => {
  const { url, fastify, accessLines } = await listening(t)
  const { answers: [first], socket } = await ask(url, request(valid, ways.direct))
  socket.write(request(valid, ways.direct))
  const [second] = await answersOn(socket, 1)
  socket.destroy()
  assert.deepEqual([first!.status, second!.status, first!.body === second!.body], [200, 200, true])
  const [one, two, ...more] = await accessLines(2)
  assert.ok(one!.requestId !== two!.requestId)
  assert.deepEqual([more, fastify.requests], [[], 0])
})

const head = (text: string) => Buffer.concat([Buffer.from(`${text}\r\n\r\n`), valid])
const type = `content-type: application/x-exchange\r\ncontent-length: ${valid.length}`
const others: [what: string, bytes: Buffer, status: number][] = [
  ['a trace of its own', request(valid, `traceparent: ${traceparent}\r\n`), 200],
  ['an id of its own', request(valid, 'x-request-id: mine\r\n'), 200],
  ['an encoding', request(valid, 'content-encoding: gzip\r\n'), 415],
  ['an expectation', request(valid, 'expect: miracles\r\n'), 200],
  ['another connection', head(`POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${type}`), 200],
  ['a header twice', head(`POST /predict HTTP/1.1\r\nhost: x\r\nhost: y\r\n${type}`), 200],
  ['a header in place of Host', head(`POST /predict HTTP/1.1\r\nx: y\r\n${type}`), 400],
  ['a parameter', head(`POST /predict HTTP/1.1\r\nhost: x\r\n${type.replace('exchange', 'exchange;a=b')}`), 200],
  ['a query', head(`POST /predict?a HTTP/1.1\r\nhost: x\r\n${type}`), 200],
  ['another path', head(`POST /other HTTP/1.1\r\nhost: x\r\n${type}`), 404],
  ['another method', head(`PUT /predict HTTP/1.1\r\nhost: x\r\n${type}`), 405],
  ['chunks', Buffer.from(`POST /predict HTTP/1.1\r\nhost: x\r\n${type.split('\r\n')[0]}\r\ntransfer-encoding: chunked\r\n\r\n3\r\n[]\n\r\n0\r\n\r\n`), 200],
  ['no body', request('', ways.direct), 400],
  ['too large a body', request('', ways.direct, exchangeLimit + 1), 413]
]

for (const [what, bytes, status] of others) {
  test(`Fastify judges what is not the gateway’s: ${what}`, async (t) => {
    const { url, fastify, accessLines } = await listening(t)
    const { answers, socket } = await ask(url, bytes)
    socket.destroy()
    assert.deepEqual([answers[0]!.status, fastify.requests], [status, 1])
    assert.equal((await accessLines(1)).length, 1)
  })
}
