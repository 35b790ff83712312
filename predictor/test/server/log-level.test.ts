import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { flowers, writeModel } from '../model-folder.ts'
import { logged, started } from './process.ts'

test('SIGUSR2 switches between LOG_LEVEL and debug', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers), LOG_LEVEL: 'warn' })
  const switched = async () => {
    predictor.child.kill('SIGUSR2')
    await once(predictor.child.stdout!, 'data')
    return predictor.lines().at(-1)
  }
  const answered = () => predictor.lines().filter(({ msg }) => msg === 'request').length

  assert.equal((await switched())?.level, 'debug')
  await fetch(predictor.url)
  await logged(predictor, 'request')
  const back = await switched()
  assert.deepEqual([back?.msg, back?.level], ['log level switched', 'warn'])
  await fetch(predictor.url)
  predictor.child.kill('SIGTERM')
  assert.deepEqual(await predictor.ended, [0, null])
  assert.equal(answered(), 1)
})
