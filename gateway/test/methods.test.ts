import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, sendRaw, startGateway, statusOf } from './helper.ts'

test('the usual methods are passed on, HEAD without a body', async (t) => {
  const gateway = await startGateway(t)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal((await ask(gateway, { method })).json.method, method)
  }
  const head = await ask(gateway, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.body, '')
})

test('other methods are refused with 405 and what is allowed', async (t) => {
  const gateway = await startGateway(t)
  for (const method of ['TRACE', 'PROPFIND', 'LOCK', 'PURGE']) {
    const { status, headers, json } = await ask(gateway, { method })
    assert.equal(status, 405, method)
    assert.match(String(headers.allow), /GET, HEAD/)
    assert.equal(json.code, 'METHOD_NOT_ALLOWED')
  }
})

test('CONNECT is refused with 405, an unknown method with 400', async (t) => {
  const gateway = await startGateway(t)
  assert.equal(statusOf(await sendRaw(t, gateway, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n')), 405)
  assert.equal(statusOf(await sendRaw(t, gateway, 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n')), 400)
})
