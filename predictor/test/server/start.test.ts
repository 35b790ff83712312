import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { flowers, writeModel, writeVersion } from '../model-folder.ts'
import { logged, run, started } from './process.ts'

test('one log line and one message tell the ports that were free; both answer', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers) })
  const { url, adminUrl, message, stderr } = predictor
  assert.deepEqual(message, { event: 'listening', url, adminUrl })
  const line = await logged(predictor, 'listening')
  assert.deepEqual([line.url, line.adminUrl, line.model], [url, adminUrl, { name: 'flowers', version: '1' }])
  assert.equal(predictor.lines().length, 1)
  assert.match(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  const response = await fetch(`${url}/predict`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
  })
  assert.equal(await response.text(), '{"iris_type":"Iris-setosa"}')
  assert.equal((await fetch(`${adminUrl}/readyz`)).status, 200)
  assert.equal(stderr(), '', 'no banner')
})

test('the artifact that ships serves by default', async (t) => {
  const { url, adminUrl } = await started(t, {})
  const readyz = await (await fetch(`${adminUrl}/readyz`)).json() as { model: { name: string } }
  assert.equal(readyz.model.name, 'iris')
  for (const [row, label] of [[[5.1, 3.5, 1.4, 0.2], 'setosa'], [[7, 3.2, 4.7, 1.4], 'versicolor'], [[6.3, 3.3, 6, 2.5], 'virginica']]) {
    const response = await fetch(`${url}/predict`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ iris_dimensions: row })
    })
    assert.equal(await response.text(), `{"iris_type":"Iris-${label}"}`)
  }
})

test('a folder of one version, without a number, serves too', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await writeVersion(root, flowers)
  const { adminUrl } = await started(t, { MODEL_DIR: root, TFJS_BACKEND: 'cpu' })
  assert.deepEqual(await (await fetch(`${adminUrl}/readyz`)).json(),
    { status: 'ready', model: { name: 'flowers', version: '1' }, backend: 'cpu' })
})

test('names that are almost a setting\'s are warned about, without their values', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers), PREDICTOR_PROT: 'planted-secret' })
  const warning = await logged(predictor, 'PREDICTOR_PROT is not a setting and has no effect; did you mean PREDICTOR_PORT?')
  assert.equal(warning.level, 40)
  assert.ok(!predictor.stdout().includes('planted-secret'))
})

test('--check tells what it found and does not listen', async (t) => {
  const root = await writeModel(t, flowers)
  const { ended, stdout, stderr } = run(t, { MODEL_DIR: root, TFJS_BACKEND: 'cpu', PREDICTOR_PORT: '8000' }, { args: ['--check'] })
  assert.deepEqual([await ended, stderr()], [[0, null], ''])
  assert.equal(stdout(), [
    'serves on 127.0.0.1 port 8000, admin on 127.0.0.1 port 0',
    'backend cpu',
    `model flowers version 1 in ${join(root, '1')}: 4 inputs, 3 labels, 3 golden examples agree`,
    ''
  ].join('\n'))
})
