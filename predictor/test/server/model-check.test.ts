import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { flowers, fruit, manifestOf, signatureOf, weightsOf, writeModel, writeVersion } from '../model-folder.ts'

const command = fileURLToPath(new URL('../../src/model-command.ts', import.meta.url))

function model (...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), command, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr: stderr.split('\n').slice(0, -1) }
}

test('a good version: one line, exit 0; of several versions each has its line', async (t) => {
  const root = await writeModel(t, flowers)
  const line = (number: string) => `model flowers version ${number} in ${join(root, number)}: 4 inputs, 3 labels, 3 golden examples agree\n`
  assert.deepEqual(model('check', join(root, '1')), { status: 0, stdout: line('1'), stderr: [] })
  await writeVersion(join(root, '2'), flowers, { signature: signatureOf(flowers, '2') })
  assert.deepEqual(model('check', root), { status: 0, stdout: line('1') + line('2'), stderr: [] })
})

test('every mistake of signature, model.json and weights is told, each with its file and field', async (t) => {
  const signature = signatureOf(flowers, '3')
  signature.golden[0]!.input.pop()
  signature.golden[1]!.label = 'rose'
  signature.training.rows = 29
  const manifest = manifestOf(flowers)
  const weights = weightsOf(flowers)
  weights.writeFloatLE(NaN, 8)
  weights.writeFloatLE(Infinity, 56)
  manifest.weightsManifest.push({ ...manifest.weightsManifest[0]!, paths: ['../a.bin', 'b.bin'] })
  const folder = join(await writeModel(t, flowers, { signature, manifest, weights }), '1')
  assert.deepEqual(model('check', folder), {
    status: 1,
    stdout: '',
    stderr: [
      'signature.json: version must be the folder\'s number "1"; got "3"',
      'signature.json: golden[0].input must have 4 entries; got 3',
      'signature.json: golden[1].label must be one of the labels; got "rose"',
      'signature.json: golden[1].label must be the most probable label; got "rose"',
      'signature.json: training.rows must be the sum of its classes\' rows 30; got 29',
      'weights.bin: the weight "dense/kernel" holds NaN',
      'weights.bin: the weight "dense/bias" holds Infinity',
      'model.json: weightsManifest has the path "../a.bin", which leads out of the model\'s folder',
      'b.bin is missing'
    ].map((sentence) => `${folder}/${sentence}`)
  })
})

test('so is every field that breaks a schema, every shape that does not fit, every golden example that fails', async (t) => {
  const { labels: _labels, ...lacking } = signatureOf(flowers)
  const schema = await writeModel(t, flowers, { signature: { ...lacking, name: 'a/b', lables: [] }, manifest: { format: 'onnx' } })
  const { status, stderr } = model('check', schema)
  assert.equal(status, 1)
  for (const part of ['signature lacks labels', 'unknown field "lables"', 'name must match', 'format must be equal', 'modelTopology', 'weightsManifest']) {
    assert.ok(stderr.some((line) => line.includes(part)), part)
  }
  const shapes = model('check', await writeModel(t, flowers, { signature: signatureOf(fruit) })).stderr
  assert.deepEqual(shapes.map((line) => line.replace(/^.*\/1\//, '')), [
    'model.json: the model takes [rows, 4] where signature.json has 2 inputs',
    'model.json: the model gives [rows, 3] where signature.json has 5 labels'
  ])
  const golden = model('check', await writeModel(t, flowers, { weights: Buffer.alloc(60) })).stderr
  assert.deepEqual(golden.map((line) => /golden\[\d\]/.exec(line)![0]), ['golden[0]', 'golden[1]', 'golden[2]'])
})

test('a folder that is no model, or is not there', async (t) => {
  const root = await writeModel(t, flowers)
  await mkdir(join(root, 'empty'))
  assert.deepEqual(model('check', join(root, 'empty')).stderr,
    ['signature.json is missing', 'model.json is missing'].map((sentence) => join(root, 'empty', sentence)))
  await rm(join(root, 'empty'), { recursive: true })
  assert.deepEqual(model('check', join(root, 'empty')),
    { status: 1, stdout: '', stderr: [`the model folder ${join(root, 'empty')} cannot be read (ENOENT)`] })
})

test('anything else: what it takes, exit 1', () => {
  for (const args of [[], ['chekc', 'x'], ['check'], ['check', 'x', 'y']]) {
    const { status, stdout, stderr } = model(...args)
    assert.deepEqual([status, stdout], [1, ''])
    assert.equal(stderr[0], args.length === 0 ? 'usage: pnpm model check DIR' : `pnpm model takes "check DIR"; got "${args.join(' ')}"`)
    assert.ok(stderr.includes('usage: pnpm model check DIR'))
  }
})
