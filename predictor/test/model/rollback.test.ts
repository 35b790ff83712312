import assert from 'node:assert/strict'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { flowers, signatureOf, writeModel, writeVersion } from '../model-folder.ts'
import { follow } from './followed.ts'

const signature = (number: string) => ({ signature: signatureOf(flowers, number) })

/** A model folder with these versions; those that are named bad fail their golden examples. */
async function versionsIn (t: TestContext, numbers: string[], bad: string[] = []): Promise<string> {
  const root = await writeModel(t, flowers, {}, numbers[0])
  for (const number of numbers) {
    await writeVersion(join(root, number), flowers, { ...signature(number), ...bad.includes(number) && { weights: Buffer.alloc(60) } })
  }
  return root
}

test('at the start the highest good version serves, and the first refused one above it is told at once', async (t) => {
  const { model, refusals, told } = await follow(t, await versionsIn(t, ['1', '2', '3', '4'], ['3', '4']))
  assert.equal(model().signature.version, '2')
  assert.deepEqual([refusals.total, refusals.current?.version], [2, '4'])
  assert.match(refusals.current!.reason, /^signature\.json: golden\[0\]: the model answers .*\(and \d more\)$/)
  assert.deepEqual(told.map(([message, version]) => [message, version]), [['model refused', '4'], ['model refused', '3']])
})

test('when every version is bad, one sentence names them all', async (t) => {
  const root = await versionsIn(t, ['1', '2'], ['1', '2'])
  await assert.rejects(follow(t, root), ({ name, message }: Error) => {
    assert.equal(name, 'ModelError')
    assert.match(message, new RegExp(`^${root}/2/signature\\.json: golden.*; ${root}/1/signature\\.json: golden[^\\n]*$`))
    return true
  })
})

test('the version that serves is taken away: the highest good one below it serves', async (t) => {
  const root = await versionsIn(t, ['1', '2', '3'], ['2'])
  const { look, refusals } = await follow(t, root)
  assert.equal(await look(2), '3')
  await rm(join(root, '3'), { recursive: true })
  assert.equal(await look(2), '3', 'it may be about to be replaced')
  await look(2)
  assert.equal(await look(2), '1')
  for (let i = 0; i < 5; i++) await look(2)
  assert.deepEqual([refusals.total, refusals.current?.version], [1, '2'])
})

test('a folder that is moved away and replaced at once does not roll back in between', async (t) => {
  const root = await versionsIn(t, ['1', '2'])
  const { look, told } = await follow(t, root)
  await rename(join(root, '2'), join(root, 'old'))
  assert.equal(await look(1.9), '2')
  await writeVersion(join(root, '2'), { ...flowers, response: 'kind' }, signature('2'))
  for (let i = 0; i < 4; i++) assert.equal(await look(1.9), '2')
  assert.deepEqual(told, [['model swapped']])
})

test('a version that served before serves again', async (t) => {
  const root = await versionsIn(t, ['1', '2'])
  const { look } = await follow(t, root)
  await rename(join(root, '2'), join(root, 'away'))
  for (let i = 0; i < 3; i++) await look(2)
  assert.equal(await look(2), '1')
  await rename(join(root, 'away'), join(root, '2'))
  await look(2)
  assert.equal(await look(2), '2')
})

test('no version left: what serves goes on, and that a start would fail is told', async (t) => {
  const root = await versionsIn(t, ['1'])
  const { look, model, refusals, told } = await follow(t, root)
  await rename(join(root, '1'), join(root, 'away'))
  for (let i = 0; i < 10; i++) assert.equal(await look(2), '1')
  const reason = 'the model folder holds neither a numbered version nor a model.json'
  assert.deepEqual(told, [['no version of the model is left', undefined, reason]])
  assert.deepEqual(refusals, { total: 0, current: { version: undefined, reason } })
  assert.equal(model().classify([[5.1, 3.5, 1.4, 0.2]])[0]!.label, 'Iris-setosa')
  await rename(join(root, 'away'), join(root, '1'))
  await look(2)
  assert.equal(refusals.current, undefined)
})
