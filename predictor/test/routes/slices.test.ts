import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { predictor } from '../helper.ts'
import { connectTo } from '../raw-socket.ts'

const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const request = (body: string) =>
  `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${body.length}\r\n\r\n${body}`

// Lines that are executed, and lines that are only refused.
for (const line of [row, '{']) {
  test(`health checks are answered while 10,000 lines ${line} are`, async (t) => {
    const { app } = await predictor(t)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const [batch, health] = await Promise.all([connectTo(url), connectTo(url)])
    t.after(() => { batch.destroy(); health.destroy() })
    const answered: string[] = []
    let began = () => {}
    const begins = new Promise<void>((resolve) => { began = resolve })
    app.server.prependListener('request', (incoming) => { if (incoming.method === 'POST') incoming.once('end', began) })
    batch.once('data', () => { answered.push('batch') })
    health.once('data', () => { answered.push('health') })
    batch.write(request(`${line}\n`.repeat(10_000)))
    // The whole batch has arrived; its first slice is being worked on.
    await begins
    health.write('GET /v2/health/ready HTTP/1.1\r\nhost: x\r\n\r\n')
    await Promise.all([once(batch, 'data'), once(health, 'data')])
    assert.deepEqual(answered, ['health', 'batch'])
  })
}

test('a batch whose client has gone is given up', async (t) => {
  const { app, model } = await predictor(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = await connectTo(url)
  const { classify } = model
  let executions = 0
  model.classify = (rows) => {
    if (++executions === 1) client.destroy()
    return classify(rows)
  }
  client.write(request(`${row}\n`.repeat(10_000)))
  await once(client, 'close')
  // A slice takes a few turns of the event loop: 40 of them would be done in these.
  for (let turn = 0; turn < 1000; turn++) await nextTurn()
  assert.ok(executions < 40, `${executions} of 40 slices were executed`)
})
