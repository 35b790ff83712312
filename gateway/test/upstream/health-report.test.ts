import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { startGateway, startUpstream } from '../helper.ts'
import { readModelState } from '../../src/upstream/health-report.ts'

const read = (body: unknown) => readModelState(Readable.from([Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]))

test('what an upstream says of its model', async () => {
  const model = { name: 'flowers', version: '2', backend: 'wasm', refused: { version: '3', reason: 'a golden example failed' } }
  assert.deepEqual(await read({ ready: true, model }), model)
  assert.deepEqual(await read({ model: { version: '2' } }), { version: '2' })
})

test('an upstream that says nothing of the kind is as good as any', async () => {
  for (const body of ['', 'ok', '{', '[]', 'null', '{"model":', { ready: true }, { model: null }, { model: 'x' }, '\xff\xfe{}']) {
    assert.equal(await read(body), undefined, JSON.stringify(body))
  }
})

test('what is not text is not taken, and no text is longer than a person reads', async () => {
  const state = await read({ model: { name: 1, version: {}, backend: ['x'], refused: { reason: 'x'.repeat(10_000), version: null } } })
  assert.deepEqual(state, { refused: { reason: 'x'.repeat(300) } })
  assert.deepEqual(await read('{"model":{"__proto__":{"version":"x"},"refused":"yes"}}'), {})
})

test('an endless answer is not read to its end', async () => {
  let pieces = 0
  const body = new Readable({ read () { pieces++; this.push(Buffer.alloc(4096, '{')) } })
  const closed = new Promise((resolve) => body.once('close', resolve))
  assert.equal(await readModelState(body), undefined)
  await closed
  assert.ok(pieces < 40, String(pieces))
})

test('a health answer that never ends says no more than its status', async (t) => {
  const { url } = await startUpstream(t, (_request, response) => {
    const pour = () => { while (!response.destroyed && response.write(Buffer.alloc(65536, ' '))); }
    response.on('drain', pour).on('error', () => {})
    pour()
  })
  const { upstreams } = await startGateway(t, { PREDICTOR_URL: url })
  assert.deepEqual(upstreams.backends.map(({ health }) => health), ['up'])
})
