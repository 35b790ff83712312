import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backend } from '../../src/upstream/backend.ts'
import { ask, startGateway } from '../helper.ts'

test('three failures in a row suspend an upstream for a second; what fails meanwhile does not prolong it', async () => {
  const backend = new Backend('http://127.0.0.1:9', 1000)
  assert.deepEqual([1, 2, 3, 4, 5].map((now) => backend.failed(now)), [undefined, undefined, 1000, undefined, undefined])
  assert.deepEqual([1002, 1003].map((now) => backend.isSuspended(now)), [true, false])
  await backend.close({ abruptly: true })
})

test('each suspension after the other is twice as long, up to half a minute; a success forgets them', async () => {
  const backend = new Backend('http://127.0.0.1:9', 1000)
  let now = 0
  backend.failed(now)
  backend.failed(now)
  const suspensions = Array.from({ length: 7 }, () => {
    const suspension = backend.failed(now)!
    now += suspension
    return suspension
  })
  assert.deepEqual(suspensions, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  backend.succeeded()
  assert.equal(backend.failed(now), undefined)
  await backend.close({ abruptly: true })
})

test('an upstream that is gone is told of once, however many requests fail of it', async (t) => {
  const gateway = await startGateway(t, { RATE_LIMIT_RPS: '0' }, (_request, response) => { response.socket!.destroy() })
  const predict = () => ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json' }, body: '{}' })
  for (let i = 0; i < 30; i++) assert.equal((await predict()).status, 502)
  for (const message of ['upstream suspended', 'exchange failed']) {
    const lines = gateway.logged.filter(({ msg }) => msg === message)
    assert.ok(lines.length >= 1 && lines.length < 10, `${message}: ${lines.length}`)
  }
})
