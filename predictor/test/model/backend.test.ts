import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getBackend } from '@tensorflow/tfjs-core'
import { type Registrations, startBackend } from '../../src/model/backend.ts'

const missing = async () => { throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }) }
const broken = async () => { throw new Error('the addon cannot be found\nPlease rebuild it') }
const cpu = async () => { await import('@tensorflow/tfjs-backend-cpu') }

test('each backend that is part of the package starts when it is forced', async () => {
  for (const name of ['cpu', 'wasm'] as const) {
    assert.deepEqual(await startBackend(name), { name, passedOver: [] })
    assert.equal(getBackend(), name)
  }
})

test('auto goes from native to wasm to cpu, and tells what it passed over', async () => {
  const registrations: Registrations = { tensorflow: missing, wasm: broken, cpu }
  assert.deepEqual(await startBackend('auto', registrations), {
    name: 'cpu', passedOver: ['tensorflow: it is not installed', 'wasm: the addon cannot be found']
  })
  const tried: string[] = []
  const noting = (name: string) => async () => { tried.push(name); throw new Error('no') }
  await assert.rejects(startBackend('auto', { tensorflow: noting('tensorflow'), wasm: noting('wasm'), cpu: noting('cpu') }))
  assert.deepEqual(tried, ['tensorflow', 'wasm', 'cpu'])
})

test('a forced one that is unavailable is refused, whatever else would work', async () => {
  await assert.rejects(startBackend('tensorflow', { tensorflow: broken, wasm: cpu, cpu }), {
    name: 'StartError', message: 'TFJS_BACKEND=tensorflow is not available here (tensorflow: the addon cannot be found)'
  })
})

test('wasm leaves no listener behind that would end the process before it drains', async () => {
  await startBackend('wasm')
  assert.deepEqual(process.listeners('uncaughtException').filter((listener) => /ExitStatus/.test(String(listener))), [])
  assert.deepEqual(process.listeners('unhandledRejection').filter((listener) => /throw reason/.test(String(listener))), [])
})
