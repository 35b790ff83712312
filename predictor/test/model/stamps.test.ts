import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Stamps } from '../../src/model/stamps.ts'
import { flowers, manifestOf, weightsOf, writeModel, writeVersion } from '../model-folder.ts'

test('the same content has the same stamp; files that are not the model’s do not count', async (t) => {
  const folder = join(await writeModel(t, flowers), '1')
  const stamps = new Stamps()
  const stamp = await stamps.of(folder)
  await writeFile(join(folder, 'evaluation.json'), '{}')
  assert.equal(await stamps.of(folder), stamp)
  assert.equal(await new Stamps().of(folder), stamp)
})

test('weights as long and as old as those before are other weights', async (t) => {
  const folder = join(await writeModel(t, flowers), '1')
  const stamps = new Stamps()
  const file = join(folder, 'weights.bin')
  const then = new Date(1_700_000_000_000)
  await utimes(file, then, then)
  const stamp = await stamps.of(folder)
  await writeFile(file, Buffer.alloc(60))
  await utimes(file, then, then)
  assert.notEqual(await stamps.of(folder), stamp)
})

test('weights in a folder below are followed as they grow, also those that a new model.json names', async (t) => {
  const folder = join(await writeModel(t, flowers), '1')
  const stamps = new Stamps()
  await stamps.of(folder)
  const manifest = manifestOf(flowers)
  manifest.weightsManifest[0]!.paths = ['shards/1.bin']
  await mkdir(join(folder, 'shards'))
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest))
  const seen = new Set([await stamps.of(folder)])
  for (const length of [10, 60]) {
    await writeFile(join(folder, 'shards', '1.bin'), weightsOf(flowers).subarray(0, length))
    seen.add(await stamps.of(folder))
  }
  assert.equal(seen.size, 3)
})

test('a `..data` link that is swapped is seen, as Kubernetes mounts a volume', async (t) => {
  const root = await writeModel(t, flowers)
  for (const name of ['..first', '..second']) await writeVersion(join(root, name, '7'), flowers)
  await symlink('..first', join(root, '..data'))
  await symlink('..data/7', join(root, '7'))
  const stamps = new Stamps()
  const stamp = await stamps.of(join(root, '7'))
  await symlink('..second', join(root, '..new'))
  await rename(join(root, '..new'), join(root, '..data'))
  assert.notEqual(await stamps.of(join(root, '7')), stamp)
})

test('what is missing has a stamp, and another one when it is there', async (t) => {
  const root = await writeModel(t, flowers)
  const stamps = new Stamps()
  const stamp = await stamps.of(join(root, '2'))
  await writeVersion(join(root, '2'), flowers)
  const whole = await stamps.of(join(root, '2'))
  assert.notEqual(whole, stamp)
  await rm(join(root, '2', 'signature.json'))
  assert.notEqual(await stamps.of(join(root, '2')), whole)
})
