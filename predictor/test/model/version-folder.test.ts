import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findVersion } from '../../src/model/version-folder.ts'
import { flowers, writeModel, writeVersion } from '../model-folder.ts'

test('the highest number serves, by value and not by spelling', async (t) => {
  const root = await writeModel(t, flowers, {}, '9')
  for (const name of ['2', '10', '011', '0', '-12', 'v13', '1.5']) await mkdir(join(root, name))
  await writeFile(join(root, '99'), 'a file, not a version')
  assert.deepEqual(await findVersion(root), { folder: join(root, '10'), number: '10' })
})

test('a version may be a link, as mounted volumes make them', async (t) => {
  const root = await writeModel(t, flowers)
  await symlink(join(root, '1'), join(root, '2'))
  assert.equal((await findVersion(root)).number, '2')
})

test('a folder that holds model.json is one version itself', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await writeVersion(root, flowers)
  assert.deepEqual(await findVersion(root), { folder: root })
})

test('a folder without a model, and no folder at all, are told', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await assert.rejects(findVersion(root), { name: 'ModelError', message: `the model folder ${root} holds neither a numbered version nor a model.json` })
  await assert.rejects(findVersion(join(root, 'x')), { name: 'ModelError', message: `the model folder ${join(root, 'x')} cannot be read (ENOENT)` })
})
