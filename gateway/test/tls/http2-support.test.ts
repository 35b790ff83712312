import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseHttp2, hasHttp2Fixes } from '../../src/tls/http2-support.ts'

test('HTTP/2 is on by itself only where Node.js has the fixes', () => {
  for (const version of ['22.23.2', '22.24.0', '24.18.1', '24.21.0', '26.5.1', '27.0.0']) assert.ok(hasHttp2Fixes(version), version)
  for (const version of ['20.20.2', '22.23.1', '23.11.0', '24.18.0', '25.9.0', '26.5.0']) assert.ok(!hasHttp2Fixes(version), version)
})

test('on and off are obeyed; auto says why it is off', () => {
  assert.deepEqual(chooseHttp2('on', '20.20.2'), { http2: true })
  assert.deepEqual(chooseHttp2('off', '24.21.0'), { http2: false })
  assert.deepEqual(chooseHttp2('auto', '24.21.0'), { http2: true })
  const { http2, why } = chooseHttp2('auto', '20.20.2')
  assert.equal(http2, false)
  assert.match(why!, /HTTP\/2 is off: Node\.js 20\.20\.2/)
})
