import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { flowers, writeModel } from '../model-folder.ts'
import { connectTo, parse } from '../raw-socket.ts'
import { logged, started } from './process.ts'

const body = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: readiness goes off, then the port closes, exit 0`, async (t) => {
    const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers), DRAIN_DELAY_MS: '300' })
    predictor.child.kill(signal)
    await logged(predictor, 'draining')
    // Within the delay: the ports are open, the health routes tell load balancers to go elsewhere.
    assert.equal((await fetch(`${predictor.url}/v2/health/ready`)).status, 503)
    assert.equal((await fetch(`${predictor.adminUrl}/readyz`)).status, 503)
    assert.equal((await fetch(`${predictor.adminUrl}/healthz`)).status, 200)
    assert.deepEqual(await predictor.ended, [0, null])
    await assert.rejects(fetch(predictor.url))
  })
}

test('a request in flight is finished, its connection and idle ones are closed, exit 0', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers) })
  const [inFlight, idle, silent] = await Promise.all([connectTo(predictor.url), connectTo(predictor.url), connectTo(predictor.url)])
  let received = ''
  inFlight.setEncoding('utf8').on('data', (chunk: string) => { received += chunk })
  idle.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(idle, 'data')
  inFlight.write(`${head.replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n')}${body.slice(0, 5)}`)
  // The server has begun to read this request when it says 100.
  await once(inFlight, 'data')

  predictor.child.kill('SIGTERM')
  await Promise.all([once(idle, 'close'), once(silent, 'close')])
  inFlight.write(body.slice(5))
  await once(inFlight, 'close')
  const response = parse(received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''))
  assert.deepEqual([response.status, response.body, response.headers.connection], [200, '{"iris_type":"Iris-setosa"}', 'close'])
  assert.deepEqual(await predictor.ended, [0, null])
})

test('a request that never ends is given up at the deadline, exit non-zero', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers), SHUTDOWN_TIMEOUT_MS: '200' })
  const socket = await connectTo(predictor.url)
  socket.on('error', () => undefined)
  socket.write(head.replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n'))
  await once(socket, 'data')
  predictor.child.kill('SIGTERM')
  assert.deepEqual(await predictor.ended, [1, null])
  assert.ok(predictor.lines().some(({ msg }) => msg === 'requests were still open at SHUTDOWN_TIMEOUT_MS, exiting'))
})

test('a second signal ends the process at once', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers), DRAIN_DELAY_MS: '600000', SHUTDOWN_TIMEOUT_MS: '600000' })
  predictor.child.kill('SIGTERM')
  await logged(predictor, 'draining')
  predictor.child.kill('SIGTERM')
  assert.deepEqual(await predictor.ended, [1, null])
})

test('when the parent that supervises it goes away, it drains and exits 0', async (t) => {
  const predictor = await started(t, { MODEL_DIR: await writeModel(t, flowers) })
  predictor.child.disconnect()
  assert.deepEqual(await predictor.ended, [0, null])
  assert.ok(predictor.lines().some(({ msg }) => msg === 'drained'))
})
