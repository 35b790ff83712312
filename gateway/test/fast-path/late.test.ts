import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { RequestTimeout } from '../../src/errors.ts'
import { FastRequest } from '../../src/fast-path/fast-request.ts'
import { BodyMemory } from '../../src/limits/body-memory.ts'
import type { Decision } from '../../src/limits/gcra.ts'
import type { Coalescer, Passenger } from '../../src/upstream/coalescer.ts'

/** A request of five bytes whose connection, limit and upstream do what the test says. */
function begin (consume?: () => Promise<Decision>) {
  const raw = Object.assign(new EventEmitter(), { url: '/predict', headers: {}, resume () {} })
  const statuses: number[] = []
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    headersSent: false,
    shouldKeepAlive: true,
    writeHead (status: number) {
      // As Node has it (ERR_HTTP_HEADERS_SENT).
      if (this.headersSent) throw new Error('headers were sent')
      this.headersSent = true
      statuses.push(status)
    },
    end () {}
  })
  const passengers: Passenger[] = []
  const errors: string[] = []
  const memory = new BodyMemory(1_000_000)
  const request = new FastRequest({
    lane: {
      logger: { error: (fields: { err: Error }) => errors.push(fields.err.message) } as never,
      log: { started () {} } as never,
      limiter: consume === undefined ? undefined : { burst: 10, capacityMs: 1000, consume },
      memory,
      headers: [],
      isDraining: () => false,
      tracing: undefined,
      handler: () => assert.fail('not to be handed over')
    },
    coalescer: { add: (passenger: Passenger) => passengers.push(passenger), leave () {} } as unknown as Coalescer,
    raw: raw as unknown as IncomingMessage,
    response: response as unknown as ServerResponse,
    head: { host: 'a', 'content-length': 5, 'content-type': 'application/json' },
    id: 'id',
    client: { address: '127.0.0.1', chain: ['127.0.0.1'] },
    trace: { traceId: 'a', parentId: undefined, spanId: 'b', sampled: false, random: false, state: undefined }
  })
  request.start()
  return { raw, response, statuses, errors, passengers, memory, request }
}

test('a body whose rest comes after the 408 is not sent on, and an answer to it not written', () => {
  const { raw, response, statuses, passengers, memory, request } = begin()
  raw.emit('data', Buffer.from('{"a'))
  raw.emit('error', new RequestTimeout())
  raw.emit('data', Buffer.from('":'))
  assert.deepEqual([statuses, passengers.length, response.shouldKeepAlive], [[408], 0, false])
  request.done({ status: 200, body: Buffer.from('{}') })
  assert.deepEqual(statuses, [408])
  response.emit('close')
  assert.equal(memory.held, 0)
})

test('a client that leaves while the shared limit is asked takes no memory with it', async () => {
  let answer: (decision: Decision) => void = () => {}
  const decided = new Promise<Decision>((resolve) => { answer = resolve })
  const { response, memory, passengers } = begin(() => decided)
  response.destroyed = true
  response.emit('close')
  answer({ admitted: true, remaining: 1, ttlMs: 1 })
  await decided
  await new Promise(setImmediate)
  assert.deepEqual([memory.held, passengers.length], [0, 0])
})

test('a request that can’t be begun after all is refused, its cause logged, and ends nothing else', async () => {
  const { response, statuses, errors } = begin(async () => ({ get admitted (): boolean { throw new Error('broken') }, remaining: 0, ttlMs: 0 }))
  const refused = new Promise<void>((resolve) => { response.end = resolve })
  await refused
  assert.deepEqual([statuses, errors], [[500], ['broken']])
})
