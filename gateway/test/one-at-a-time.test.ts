import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw, startGateway } from './helper.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

test('a pipelined request reaches the upstream only when the one before it is answered', async (t) => {
  const order: string[] = []
  const gateway = await startGateway(t, { COALESCE_MAX: '0' }, (request, response) => {
    order.push(`${request.method} begins`)
    request.resume().on('end', () => setImmediate(() => {
      order.push(`${request.method} ends`)
      response.end()
    }))
  })
  const raw = await sendRaw(t, gateway, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi' +
    'DELETE / HTTP/1.1\r\nHost: a\r\n\r\n' + 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  assert.equal(raw.match(/HTTP\/1\.1 200/g)?.length, 3)
  assert.deepEqual(order, ['POST begins', 'POST ends', 'DELETE begins', 'DELETE ends', 'PUT begins', 'PUT ends'])
})

test('what follows an answer that ends the connection reaches nobody', async (t) => {
  const paths: string[] = []
  const gateway = await startGateway(t, {}, (request, response) => { paths.push(request.url!); response.end() })
  const raw = await sendRaw(t, gateway, `${get('/1').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${get('/2')}`)
  assert.equal(raw.match(/HTTP\/1\.1 /g)?.length, 1)
  assert.deepEqual(paths, ['/1'])
})
