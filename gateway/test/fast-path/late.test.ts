import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastConnection } from '../../src/fast-path/fast-connection.ts'
import { FastRequest } from '../../src/fast-path/fast-request.ts'
import { BodyMemory } from '../../src/limits/body-memory.ts'
import type { Decision } from '../../src/limits/gcra.ts'
import type { Coalescer, Passenger } from '../../src/upstream/coalescer.ts'

/** A request of five bytes whose connection, limit and upstream do what the test says. */
function begin (consume?: () => Promise<Decision>) {
  const answers: string[] = []
  const passengers: Passenger[] = []
  const errors: string[] = []
  const statuses: number[] = []
  const memory = new BodyMemory(1_000_000)
  const connection = {
    isOpen: true,
    fields: '',
    peer: { client: { address: '127.0.0.1', chain: ['127.0.0.1'] }, key: '127.0.0.1', isTrusted: false },
    lane: {
      logger: { error: (fields: { err: Error }) => errors.push(fields.err.message) },
      log: {
        begin: () => ({ start: 0, connection: '', streamed: 0 }),
        ended: ({ hasLeft, statusCode }: FastRequest) => statuses.push(hasLeft ? 499 : statusCode)
      },
      limiter: consume === undefined ? undefined : { burst: 10, capacityMs: 1000, consume },
      memory,
      headers: '',
      isDraining: () => false,
      tracing: undefined,
      times: { keepAlive: 1000 }
    },
    answer: (text: string) => { answers.push(text) }
  }
  const request = new FastRequest(connection as unknown as FastConnection, {
    coalescer: { add: (passenger: Passenger) => passengers.push(passenger), leave () {} } as unknown as Coalescer,
    head: { target: '/predict', end: 0, host: 'a', 'content-length': 5, 'content-type': 'application/json' },
    isLast: false
  }, Buffer.from('{"a"}'), '{"a"}')
  request.start()
  return { request, connection, answers, statuses, errors, passengers, memory }
}

const settled = () => new Promise(setImmediate)

test('an answer for a client that has left is not written, and its memory is given back once', () => {
  const { request, answers, statuses, passengers, memory } = begin()
  assert.deepEqual([passengers.length, memory.held], [1, 5])
  request.over(false)
  request.done({ status: 200, body: '{}' })
  assert.deepEqual([answers, statuses, memory.held], [[], [499], 0])
})

test('an answer for a client that has closed its side is not written either', () => {
  const { request, connection, answers, statuses } = begin()
  connection.isOpen = false
  request.done({ status: 200, body: '{}' })
  request.over(false)
  assert.deepEqual([answers, statuses], [[], [499]])
})

test('a request is answered once', () => {
  const { request, answers } = begin()
  request.done({ status: 200, body: '{}' })
  request.done(new Error('late'))
  assert.equal(answers.length, 1)
  assert.match(answers[0]!, /^HTTP\/1\.1 200 OK\r\n/)
})

test('a client that leaves while the shared limit is asked takes no memory with it', async () => {
  let answer: (decision: Decision) => void = () => {}
  const decided = new Promise<Decision>((resolve) => { answer = resolve })
  const { request, memory, passengers } = begin(() => decided)
  request.over(false)
  answer({ admitted: true, remaining: 1, ttlMs: 1 })
  await settled()
  assert.deepEqual([memory.held, passengers.length], [0, 0])
})

test('a request that can’t be begun after all is refused, its cause logged, and ends nothing else', async () => {
  const { answers, errors } = begin(async () => ({ get admitted (): boolean { throw new Error('broken') }, remaining: 0, ttlMs: 0 }))
  await settled()
  assert.deepEqual(errors, ['broken'])
  assert.match(answers.join(), /^HTTP\/1\.1 500 [^]*"code":"INTERNAL"/)
})
