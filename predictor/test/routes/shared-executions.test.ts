import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memory } from '@tensorflow/tfjs-core'
import type { BackendName } from '../../src/model/backend.ts'
import { post, predictor, writeItems } from '../helper.ts'

const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const overflowing = '{"iris_dimensions":[1,1,1,3e38]}'

test('plain requests, lines and items that come together share one execution', async (t) => {
  const { app, model } = await predictor(t)
  const batches: number[] = []
  const { classify } = model
  model.classify = (rows) => { batches.push(rows.length); return classify(rows) }
  await app.ready()
  await Promise.all([
    post(app, 'application/json', row), post(app, 'application/json', row),
    post(app, 'application/x-ndjson', `${row}\n`.repeat(3)),
    post(app, 'application/x-exchange', writeItems(Array(4).fill({ body: row })))
  ])
  assert.equal(batches.reduce((total, count) => total + count), 9)
  assert.ok(batches.length < 4, `${batches.length} executions`)
})

for (const backend of ['cpu', 'wasm'] satisfies BackendName[]) {
  test(`${backend}: 1,000 batches, mixed with bad rows and executions that throw, leave no tensor behind`, async (t) => {
    const { app, model } = await predictor(t, undefined, backend, { executionMax: 8 })
    const { classify } = model
    let executions = 0
    model.classify = (rows) => {
      const answers = classify(rows)
      if (++executions % 50 === 0) throw new Error('planted bug')
      return answers
    }
    await post(app, 'application/json', row)
    const { numTensors, numBytes } = memory()
    for (let i = 0; i < 1000; i++) {
      const bodies = [row, overflowing, '{', row].slice(0, 1 + i % 4)
      if (i % 2 === 0) await post(app, 'application/x-ndjson', bodies.join('\n'))
      else await post(app, 'application/x-exchange', writeItems(bodies.map((body) => ({ body }))))
    }
    assert.ok(executions >= 1000)
    assert.deepEqual([memory().numTensors, memory().numBytes], [numTensors, numBytes])
  })
}
