import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { flowers, signatureOf, writeModel, writeVersion } from '../model-folder.ts'
import { logged, started } from './process.ts'

test('a refused version at the start: one line of level error, and the health answer, neither with a path of this machine', async (t) => {
  const root = await writeModel(t, flowers)
  await writeVersion(join(root, '2'), flowers, { signature: signatureOf(flowers, '2'), weights: null })
  const predictor = await started(t, { MODEL_DIR: root, TFJS_BACKEND: 'cpu' })
  const refused = { version: '2', reason: 'weights.bin is missing' }
  const text = await (await fetch(`${predictor.url}/v2/health/ready`)).text()
  assert.deepEqual(JSON.parse(text), { ready: true, model: { name: 'flowers', version: '1', backend: 'cpu', refused } })
  const line = await logged(predictor, 'model refused')
  assert.deepEqual([line.level, line.version, line.reason, line.model], [50, '2', 'weights.bin is missing', { name: 'flowers', version: '1' }])
  predictor.child.kill('SIGTERM')
  assert.deepEqual(await predictor.ended, [0, null])
  assert.equal(predictor.lines().filter(({ level }) => Number(level) > 30).length, 1)
  assert.ok(!predictor.stdout().includes(root))
})

test('a running service takes up a new version, and goes back when it is taken away', async (t) => {
  const root = await writeModel(t, flowers)
  const predictor = await started(t, { MODEL_DIR: root, TFJS_BACKEND: 'cpu' })
  const row = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}' }
  const renewed = { ...flowers, response: 'kind' }
  await writeVersion(join(root, '2'), renewed, { signature: signatureOf(renewed, '2') })
  const line = await logged(predictor, 'model swapped')
  assert.deepEqual([line.level, line.model, line.before], [30, { name: 'flowers', version: '2' }, { name: 'flowers', version: '1' }])
  assert.equal(await (await fetch(`${predictor.url}/predict`, row)).text(), '{"kind":"Iris-setosa"}')
  await rm(join(root, '2'), { recursive: true })
  while (predictor.lines().filter(({ msg }) => msg === 'model swapped').length < 2) {
    await new Promise((resolve) => predictor.child.stdout!.once('data', resolve))
  }
  assert.equal(await (await fetch(`${predictor.url}/predict`, row)).text(), '{"iris_type":"Iris-setosa"}')
})
