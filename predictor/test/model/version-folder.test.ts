import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findVersions } from '../../src/model/version-folder.ts'
import { flowers, writeModel, writeVersion } from '../model-folder.ts'

test('the highest number is first, by value and not by spelling', async (t) => {
  const root = await writeModel(t, flowers, {}, '9')
  for (const name of ['2', '10', '011', '0', '-12', 'v13', '1.5']) await mkdir(join(root, name))
  await writeFile(join(root, '99'), 'a file, not a version')
  assert.deepEqual(await findVersions(root), ['10', '9', '2'].map((number) => ({ folder: join(root, number), number })))
})

test('a version may be a link, as mounted volumes make them; one that leads nowhere is none', async (t) => {
  const root = await writeModel(t, flowers)
  await symlink(join(root, '1'), join(root, '2'))
  await symlink(join(root, 'nowhere'), join(root, '3'))
  assert.deepEqual((await findVersions(root)).map(({ number }) => number), ['2', '1'])
})

test('a folder that holds model.json is one version itself', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await writeVersion(root, flowers)
  assert.deepEqual(await findVersions(root), [{ folder: root }])
})

test('a folder without a model, and no folder at all, are told', async (t) => {
  const root = await writeModel(t, flowers)
  await rm(join(root, '1'), { recursive: true })
  await assert.rejects(findVersions(root), {
    message: `the model folder ${root} holds neither a numbered version nor a model.json`,
    mistakes: ['the model folder holds neither a numbered version nor a model.json']
  })
  const nowhere = join(root, 'x')
  await assert.rejects(findVersions(nowhere), {
    name: 'ModelError', message: `the model folder ${nowhere} cannot be read (ENOENT)`, mistakes: ['the model folder cannot be read (ENOENT)']
  })
})
