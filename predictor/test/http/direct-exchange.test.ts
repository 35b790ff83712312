import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { writeItems } from '../helper.ts'
import { connectTo } from '../raw-socket.ts'
import { answersOn, ask, comparable, listening, request, row, ways } from './two-ways.ts'

const body = writeItems([{ body: row, id: 'a' }])
type Parts = Awaited<ReturnType<typeof listening>>
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Sends bytes, and does something as soon as the service has the head. @returns what was logged and answered */
async function course (t: TestContext, bytes: Buffer, then: (parts: Parts, socket: Socket) => unknown) {
  const parts = await listening(t)
  const socket = await connectTo(parts.url)
  const begun = once(parts.app.server, 'request')
  socket.write(bytes)
  await begun
  const answers = answersOn(socket, 1)
  await then(parts, socket)
  await parts.accessLines(1)
  // Whatever else there is would come now.
  for (let i = 0; i < 5; i++) await turn()
  const [line, ...more] = await parts.accessLines(1)
  const failures = parts.lines.filter(({ level }) => Number(level) > 30)
  const active = [...parts.counts.requests.active('http')].map(([, count]) => count)
  return { fastify: parts.fastify.requests, line: line!, told: comparable({ line, more, failures, active, answers: await answers }) }
}

/** Both ways, which must tell the same. @returns the access line of the direct one, and its answers */
async function both (t: TestContext, bytes: (way: string) => Buffer, then: Parameters<typeof course>[2]) {
  const [direct, usual] = [await course(t, bytes(ways.direct), then), await course(t, bytes(ways.usual), then)]
  assert.deepEqual([direct.fastify, usual.fastify], [0, 1])
  assert.deepEqual(direct.told, usual.told)
  assert.deepEqual([direct.told.more, direct.told.failures, direct.told.active], [[], [], [0]])
  return { line: direct.line, answers: direct.told.answers }
}

test('who leaves in the middle of the body is 499, once', async (t) => {
  const { line } = await both(t, (way) => request(body.subarray(0, 9), way, body.length), (_parts, socket) => { socket.resetAndDestroy() })
  assert.deepEqual([line.status, line.aborted, line.code, line.client], [499, true, undefined, '127.0.0.1'])
})

test('who stops in the middle of the body is answered 400, under the id of the one line', async (t) => {
  const { line, answers } = await both(t, (way) => request(body.subarray(0, 9), way, body.length), (_parts, socket) => { socket.end() })
  assert.deepEqual([line.status, line.code], [400, 'BAD_REQUEST'])
  assert.deepEqual(answers.map(({ status }) => status), [400])
})

test('what comes behind the announced body is the next request', async (t) => {
  const { url, accessLines } = await listening(t)
  const twice = Buffer.concat([body, request(body, ways.direct)])
  const { answers, socket } = await ask(url, request(twice, ways.direct, body.length), 2)
  socket.destroy()
  assert.deepEqual(answers.map(({ status }) => status), [200, 200])
  assert.deepEqual((await accessLines(2)).map(({ status, items }) => [status, items]), [[200, 1], [200, 1]])
})

test('who leaves before the answer is 499, once, and a failure then is told by nobody but the log', async (t) => {
  for (const outcome of ['answer', 'failure']) {
    for (const way of Object.values(ways)) {
      const { url, models, lines, accessLines } = await listening(t)
      let answer!: () => void
      const asked = new Promise<void>((resolve) => {
        Object.assign(models.current, {
          predict: async () => {
            resolve()
            await new Promise<void>((resolve) => { answer = resolve })
            if (outcome === 'failure') throw new Error('planted bug')
            return [{ body: '{}' }]
          }
        })
      })
      const socket = await connectTo(url)
      socket.write(request(body, way))
      await asked
      socket.resetAndDestroy()
      const [line] = await accessLines(1)
      assert.deepEqual([line!.status, line!.aborted], [499, true])
      answer()
      for (let i = 0; i < 5; i++) await turn()
      assert.equal((await accessLines(1)).length, 1)
      assert.equal(lines.filter(({ msg }) => msg === 'request failed').length, outcome === 'answer' ? 0 : 1)
    }
  }
})
