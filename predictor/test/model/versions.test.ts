import assert from 'node:assert/strict'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { memory } from '@tensorflow/tfjs-core'
import { loadVersion } from '../../src/model/load.ts'
import { expected, flowers, signatureOf, weightsOf, writeModel, writeVersion } from '../model-folder.ts'
import { follow } from './followed.ts'

const version = (number: string) => ({ signature: signatureOf(flowers, number) })
const spoilt = (number: string) => ({ ...version(number), weights: weightsOf(flowers).subarray(4) })
const tooShort = 'weights.bin must have 60 bytes, as model.json says; got 56'

test('a higher version serves once its files have been as they are for a while', async (t) => {
  const root = await writeModel(t, flowers)
  const { look, told } = await follow(t, root)
  assert.equal(await look(2), '1')
  await writeVersion(join(root, '2'), flowers, version('2'))
  assert.equal(await look(2), '1', 'seen for the first time')
  assert.equal(await look(1), '1', 'not settled')
  assert.equal(await look(1), '2')
  assert.deepEqual(told, [['model swapped']])
})

test('a copy that takes long neither serves nor is told, and serves when it is whole', async (t) => {
  const root = await writeModel(t, flowers)
  const { look, told, refusals } = await follow(t, root)
  await writeVersion(join(root, '2'), flowers, { ...version('2'), weights: null })
  for (let bytes = 0; bytes < 60; bytes += 12) {
    await writeFile(join(root, '2', 'weights.bin'), weightsOf(flowers).subarray(0, bytes))
    for (let i = 0; i < 4; i++) assert.equal(await look(2.4), '1')
  }
  assert.deepEqual([told, refusals], [[], { total: 0, current: undefined }])
  await writeFile(join(root, '2', 'weights.bin'), weightsOf(flowers))
  await look(2)
  assert.equal(await look(2), '2')
})

test('one that changes while it is loaded counts for nothing, whether it loads or not', async (t) => {
  const root = await writeModel(t, flowers)
  let changes = 0
  const { look, told } = await follow(t, root, async (folder, backend) => {
    if (folder.number === '1' || changes === 2) return loadVersion(folder, backend)
    changes++
    if (changes === 1) await writeVersion(join(root, '2'), flowers, spoilt('2'))
    return loadVersion(folder, backend).finally(() => writeVersion(join(root, '2'), flowers, version('2')))
  })
  const before = memory().numTensors
  await writeVersion(join(root, '2'), flowers, version('2'))
  await look(0)
  assert.deepEqual([await look(2), changes], ['1', 1])
  assert.deepEqual([await look(2), changes], ['1', 2])
  assert.equal(memory().numTensors, before)
  assert.equal(await look(2), '2')
  assert.deepEqual(told, [['model swapped']])
})

test('a bad one is told once, until it is mended; what serves goes on', async (t) => {
  const root = await writeModel(t, flowers)
  const { look, told, refusals } = await follow(t, root)
  await writeVersion(join(root, '2'), flowers, spoilt('2'))
  for (let i = 0; i < 5; i++) assert.equal(await look(2), '1')
  assert.deepEqual([told, refusals], [[], { total: 0, current: undefined }])
  for (let i = 0; i < 5; i++) assert.equal(await look(2), '1')
  const refusal = { version: '2', reason: tooShort }
  assert.deepEqual([told, refusals], [[['model refused', '2', tooShort]], { total: 1, current: refusal }])

  await writeVersion(join(root, '2'), flowers, version('2'))
  assert.deepEqual([await look(2), refusals.current], ['1', refusal], 'it stands while the new content settles')
  assert.deepEqual([await look(2), refusals], ['2', { total: 1, current: undefined }])
  assert.deepEqual(told.slice(1), [['model swapped'], ['no model is refused any more']])
})

test('a bad one that goes away is told no longer; a bad one in other words is told anew', async (t) => {
  const root = await writeModel(t, flowers)
  const { look, told, refusals } = await follow(t, root)
  await writeVersion(join(root, '2'), flowers, spoilt('2'))
  for (let i = 0; i < 7; i++) await look(2)
  await rm(join(root, '2', 'weights.bin'))
  for (let i = 0; i < 7; i++) await look(2)
  assert.deepEqual(told, [['model refused', '2', tooShort], ['model refused', '2', 'weights.bin is missing']])
  await rm(join(root, '2'), { recursive: true })
  assert.equal(await look(2), '1')
  assert.deepEqual([told.at(-1), refusals], [['no model is refused any more'], { total: 2, current: undefined }])
})

test('one that could not be read for a passing reason is tried again, and told once', async (t) => {
  const root = await writeModel(t, flowers)
  let isBroken = true
  const { look, told } = await follow(t, root, async (folder, backend) => {
    if (isBroken && folder.number === '2') throw new Error('too many open files')
    return loadVersion(folder, backend)
  })
  await writeVersion(join(root, '2'), flowers, version('2'))
  for (let i = 0; i < 20; i++) assert.equal(await look(2), '1')
  assert.deepEqual(told, [['model refused', '2', 'it could not be loaded; the predictor\'s log tells why']])
  isBroken = false
  assert.equal(await look(2), '2')
})

test('bad files over those of the version that serves: it goes on, also when a lower one is good, until they are mended', async (t) => {
  const root = await writeModel(t, flowers)
  await writeVersion(join(root, '2'), flowers, version('2'))
  const { look, model, refusals, told } = await follow(t, root)
  await writeVersion(join(root, '2'), flowers, spoilt('2'))
  for (let i = 0; i < 7; i++) assert.equal(await look(2), '2')
  assert.deepEqual(refusals, { total: 1, current: { version: '2', reason: tooShort } })
  assert.equal(model().classify([[5.1, 3.5, 1.4, 0.2]])[0]!.label, 'Iris-setosa')
  await writeVersion(join(root, '2'), flowers, version('2'))
  for (let i = 0; i < 3; i++) assert.equal(await look(2), '2')
  assert.deepEqual([refusals.current, told.length], [undefined, 3])
})

test('a folder without numbers: what is written in place of the model serves', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await writeVersion(root, flowers)
  const { look, model } = await follow(t, root)
  const turned = { ...flowers, labels: [...flowers.labels].reverse() }
  await writeVersion(join(root, 'new'), turned)
  for (const name of ['signature.json', 'weights.bin', 'model.json']) await rename(join(root, 'new', name), join(root, name))
  await look(0)
  await look(2)
  const row = [5.1, 3.5, 1.4, 0.2]
  assert.equal(model().classify([row])[0]!.label, expected(turned, row).label)
  assert.notEqual(expected(turned, row).label, expected(flowers, row).label)
  await writeFile(join(root, 'notes.txt'), 'not the model\'s')
  const before = model()
  await look(2)
  await look(2)
  assert.equal(model(), before)
})
