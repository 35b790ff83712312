import assert from 'node:assert/strict'
import { rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readArtifact } from '../../src/model/artifact.ts'
import { type Files, flowers, manifestOf, weightsOf, writeModel } from '../model-folder.ts'

const whole = weightsOf(flowers)
const withNaN = Buffer.from(whole)
withNaN.writeFloatLE(NaN, 8)
const manifest = (change: (data: ReturnType<typeof manifestOf>) => void) => {
  const data = structuredClone(manifestOf(flowers))
  change(data)
  return data
}
const spoilt: [what: string, files: Files, sentence: RegExp][] = [
  ['no model.json', { manifest: null }, /model\.json is missing$/],
  ['a model.json cut short', { manifest: '{"format":"layers' }, /model\.json is not valid JSON$/],
  ['an unknown format', { manifest: manifest((data) => { data.format = 'onnx' }) }, /model\.json: format must be equal to one of the allowed values; got "onnx"$/],
  ['no weights', { weights: null }, /weights\.bin is missing$/],
  ['weights cut short', { weights: whole.subarray(0, -1) }, /weights\.bin must have 60 bytes, as model\.json says; got 59$/],
  ['weights too long', { weights: Buffer.concat([whole, whole]) }, /weights\.bin must have 60 bytes, as model\.json says; got 120$/],
  ['a NaN weight', { weights: withNaN }, /weights\.bin: the weight "dense\/kernel" holds NaN$/],
  ['a type of weight that is not served', { manifest: manifest((data) => { data.weightsManifest[0]!.weights[0]!.dtype = 'string' }) }, /weights\.bin: the weight "dense\/kernel" has a type that is not served: "string"$/],
  ...['../weights.bin', '/etc/hostname', 'a/../../x'].map((path): [string, Files, RegExp] => [
    `the weights path ${path}`,
    { manifest: manifest((data) => { data.weightsManifest[0]!.paths = [path] }) },
    /model\.json: weightsManifest has the path ".*", which leads out of the model's folder$/
  ])
]

for (const [what, files, sentence] of spoilt) {
  test(`refuses ${what}`, async (t) => {
    const folder = join(await writeModel(t, flowers, files), '1')
    await assert.rejects(readArtifact(folder), (error: Error) => {
      assert.equal(error.name, 'ModelError')
      assert.match(error.message, sentence)
      return true
    })
  })
}

test('refuses weights that a link takes out of the folder', async (t) => {
  const root = await writeModel(t, flowers, { weights: null })
  await writeFile(join(root, 'elsewhere.bin'), whole)
  await symlink('../elsewhere.bin', join(root, '1', 'weights.bin'))
  await assert.rejects(readArtifact(join(root, '1')), /leads out of the model's folder$/)
})

test('takes files that are links inside the folder, as Kubernetes mounts them', async (t) => {
  const folder = join(await writeModel(t, flowers), '1')
  await rename(join(folder, 'weights.bin'), join(folder, '..2026_01_01'))
  await symlink('..2026_01_01', join(folder, 'weights.bin'))
  const { artifacts } = await readArtifact(folder)
  assert.deepEqual(Buffer.from(artifacts.weightData as ArrayBuffer), whole)
})

test('joins weights that are split over files', async (t) => {
  const split = manifest((data) => { data.weightsManifest[0]!.paths = ['a.bin', 'b.bin'] })
  const folder = join(await writeModel(t, flowers, { manifest: split, weights: null }), '1')
  await writeFile(join(folder, 'a.bin'), whole.subarray(0, 7))
  await writeFile(join(folder, 'b.bin'), whole.subarray(7))
  const { artifacts } = await readArtifact(folder)
  assert.deepEqual(Buffer.from(artifacts.weightData as ArrayBuffer), whole)
})
