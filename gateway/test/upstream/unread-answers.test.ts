import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { requestsAtOnce } from '../../src/upstream/backend.ts'
import { UnreadAnswer } from '../../src/upstream/unread-answer.ts'
import { ask, connectHttp2, startGateway, until } from '../helper.ts'

const roomy = { RATE_LIMIT_RPS: '0', MAX_CONNECTIONS_PER_CLIENT: '1000' }
const mebibyte = 1024 * 1024

test('an answer that its client does not take frees its upstream, and is there when it does', async (t) => {
  // Far more than an HTTP/2 stream's window.
  const answer = Buffer.alloc(900_000, 'answer ')
  const gateway = await startGateway(t, { ...roomy, HTTP2: 'on' }, (_request, response) => { response.end(answer) })
  const session = await connectHttp2(t, gateway)
  const stream = session.request({ ':path': '/' }).pause()
  await once(stream, 'response')
  await until(() => gateway.upstreams.backends.every(({ inFlight }) => inFlight === 0))
  assert.ok(Buffer.concat(await stream.toArray()).equals(answer))
})

test('a client that takes none of its answers keeps nobody else out', async (t) => {
  const gateway = await startGateway(t, { ...roomy, HTTP2: 'on' }, (request, response) => {
    if (request.url === '/endless') endless(request, response)
    else response.end('ok')
  })
  for (let session = 0; session < 2; session++) {
    const client = await connectHttp2(t, gateway)
    client.on('error', () => {})
    for (let i = 0; i < requestsAtOnce / 2; i++) client.request({ ':path': '/endless' }).on('error', () => {}).pause()
  }
  await until(() => gateway.upstreams.backends[0]!.inFlight === requestsAtOnce)
  assert.equal((await ask(gateway)).status, 200)
  assert.equal((await ask(gateway)).status, 200)
})

const endless: RequestListener = (_request, response) => {
  const piece = Buffer.alloc(65536)
  const more = () => { while (!response.destroyed && response.write(piece)); }
  response.on('drain', more)
  more()
}

test('whatever the pieces, the room and the pauses: the same bytes in the same order, and all room given back', async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 60 }),
    fc.nat(300_000),
    fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
    async (lengths, size, pauses) => {
      const pieces = lengths.map((length, i) => Buffer.alloc(length, i))
      const room = makeRoom(size)
      const answer = new UnreadAnswer(Readable.from(pieces), room)
      const taken: Buffer[] = []
      let turns = 0
      for await (const piece of answer) {
        taken.push(piece as Buffer)
        if (pauses[turns++ % pauses.length]) await turn()
      }
      assert.ok(Buffer.concat(taken).equals(Buffer.concat(pieces)))
      assert.equal(room.held, 0)
      assert.equal(room.stalls, 0)
    }), { numRuns: 200 })
})

test('a client that leaves gives everything back, and its upstream is let go', async () => {
  const room = makeRoom(100_000)
  const body = new PassThrough({ highWaterMark: mebibyte })
  const answer = new UnreadAnswer(body, room)
  for (let i = 0; i < 10; i++) body.write(Buffer.alloc(65536))
  await until(() => room.stalls === 1)
  assert.ok(room.held > 0)
  answer.destroy()
  await once(answer, 'close')
  assert.deepEqual([room.held, room.stalls, body.destroyed], [0, 0, true])
})

test('an upstream that breaks off breaks the answer off', async () => {
  const body = new PassThrough()
  const answer = new UnreadAnswer(body, makeRoom(mebibyte))
  body.write('part')
  body.destroy(new Error('reset'))
  await assert.rejects(once(answer.resume(), 'end'), /reset/)
})

/** Room for so many bytes, in which a third of the pieces must wait for their turn. */
function makeRoom (size: number) {
  const postponed = new Set<unknown>()
  const room = {
    held: 0,
    stalls: 0,
    take: (bytes: number) => {
      if (room.held + bytes > size) return false
      room.held += bytes
      return true
    },
    give: (bytes: number) => { room.held -= bytes },
    mayPass: (bytes: number, retry: () => void) => {
      if (bytes % 3 !== 0 || postponed.delete(retry)) return true
      postponed.add(retry)
      setImmediate(retry)
      return false
    },
    stalled: () => { room.stalls++ },
    goesOn: () => { room.stalls-- }
  }
  return room
}
