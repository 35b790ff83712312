import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, sendRaw, startGateway } from '../helper.ts'

test('the upstream learns who asked for what, the Host is kept', async (t) => {
  const gateway = await startGateway(t, { PUBLIC_HTTPS_PORT: '443' })
  const { json } = await ask(gateway, { headers: { host: 'api.example:444' } })
  const { headers } = json
  assert.equal(headers.host, 'api.example:444')
  assert.equal(headers['x-forwarded-for'], '127.0.0.1')
  assert.equal(headers['x-real-ip'], '127.0.0.1')
  assert.equal(headers['x-forwarded-proto'], 'https')
  assert.equal(headers['x-forwarded-host'], 'api.example:444')
  assert.equal(headers['x-forwarded-port'], '443')
  assert.equal(headers.forwarded, 'for=127.0.0.1;host="api.example:444";proto=https')
})

test('what a client claims about itself does not get through', async (t) => {
  const gateway = await startGateway(t)
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'evil',
    'x-forwarded-port': '1',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6',
    'x-client-cert-subject': 'CN=admin',
    'x-forwarded-prefix': '/evil'
  }
  const { json } = await ask(gateway, { headers: forged })
  assert.doesNotMatch(JSON.stringify(json.headers), /6\.6\.6\.6|evil|admin/)
  assert.equal(json.headers['x-forwarded-proto'], 'https')
})

test('headers of the connection stay on it, also those that Connection names', async (t) => {
  const gateway = await startGateway(t)
  const { json } = await ask(gateway, {
    headers: {
      connection: 'close, X-Mine, x-forwarded-for, x-request-id',
      'keep-alive': '5',
      'proxy-authorization': 'Basic eA==',
      'proxy-connection': 'keep-alive',
      te: 'trailers',
      'x-mine': '1',
      'x-kept': '2'
    }
  })
  const { headers } = json
  for (const name of ['keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'x-mine']) assert.equal(headers[name], undefined, name)
  assert.equal(headers['x-kept'], '2')
  // What the gateway adds can't be named away.
  assert.equal(headers['x-forwarded-for'], '127.0.0.1')
  assert.ok(headers['x-request-id'])
})

test('Expect: 100-continue is answered here and not passed on', async (t) => {
  const gateway = await startGateway(t, { BODY_LIMIT: '10' })
  const raw = await sendRaw(t, gateway, 'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi')
  assert.match(raw, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  assert.doesNotMatch(raw, /"expect"/)
  const tooLong = await sendRaw(t, gateway, 'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n')
  assert.match(tooLong, /^HTTP\/1\.1 413/)
  const odd = await sendRaw(t, gateway, 'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  assert.match(odd, /^HTTP\/1\.1 400/)
})

test('a GET’s body is not passed on', async (t) => {
  const gateway = await startGateway(t)
  const { json } = await ask(gateway, { method: 'GET', body: 'GET /second HTTP/1.1\r\n\r\n', headers: { 'content-length': '24' } })
  assert.equal(json.body, '')
  assert.equal(json.headers['content-length'], undefined)
  assert.equal(json.headers['transfer-encoding'], undefined)
})

test('the upstream’s answer comes without what tells of it or of its connection', async (t) => {
  const gateway = await startGateway(t, {}, (_request, response) => {
    response.writeHead(200, {
      server: 'Secret/1.0',
      'x-powered-by': 'Secret',
      'keep-alive': 'timeout=1',
      'proxy-authenticate': 'Basic',
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      'x-request-id': 'theirs',
      'x-frame-options': 'ALLOWALL',
      'set-cookie': ['a=1', 'b=2'],
      'x-kept': 'yes'
    }).end('ok')
  })
  const { headers } = await ask(gateway)
  for (const name of ['server', 'x-powered-by', 'proxy-authenticate', 'x-hop']) assert.equal(headers[name], undefined, name)
  assert.notEqual(headers['x-request-id'], 'theirs')
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
  assert.equal(headers['x-kept'], 'yes')
})

test('path and query reach the upstream as they were sent', async (t) => {
  const gateway = await startGateway(t)
  for (const path of ['/', '/a%20b', '/a/./b'.replace('/.', ''), '/x?y=%2F..%2F&z', '/%C3%A9', '/a;b,c', '/v1/models/iris:predict', '/?', '/a//b']) {
    assert.equal((await ask(gateway, { path })).json.url, path)
  }
})

test('headers with underscores are dropped, as Nginx does', async (t) => {
  const gateway = await startGateway(t)
  const { json } = await ask(gateway, { headers: { a_b: '1', __proto__x: '2' } })
  assert.doesNotMatch(JSON.stringify(json.rawHeaders), /_/)
})
