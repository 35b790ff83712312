import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { startGateway } from './helper.ts'
import type { TestGateway } from './helper.ts'

async function redirected (
  { redirectPort }: TestGateway, method: string, path: string, headers: OutgoingHttpHeaders = {}
): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: redirectPort, method, path, headers, agent: false })
  sent.end(method === 'POST' ? 'body' : undefined)
  const [response] = await once(sent, 'response')
  response.resume()
  return response
}

test('GET and HEAD go to HTTPS with 301, others with 308, path and query kept', async (t) => {
  const gateway = await startGateway(t)
  for (const [method, status] of [['GET', 301], ['HEAD', 301], ['POST', 308], ['PUT', 308], ['DELETE', 308], ['OPTIONS', 308]] as const) {
    const { statusCode, headers } = await redirected(gateway, method, '/a/b?c=d&e')
    assert.equal(statusCode, status, method)
    assert.equal(headers.location, `https://127.0.0.1:${gateway.port}/a/b?c=d&e`)
    assert.equal(headers['strict-transport-security'], undefined)
  }
})

test('the port is the one that clients see', async (t) => {
  const standard = await startGateway(t, { PUBLIC_HTTPS_PORT: '443' })
  assert.equal((await redirected(standard, 'GET', '/', { host: 'Example.org:80' })).headers.location, 'https://example.org/')
  const other = await startGateway(t, { PUBLIC_HTTPS_PORT: '9443' })
  assert.equal((await redirected(other, 'GET', '/', { host: '[::1]:8080' })).headers.location, 'https://[::1]:9443/')
})

test('a host that is none redirects nowhere', async (t) => {
  const gateway = await startGateway(t)
  for (const host of ['evil.example/path', 'a@b', 'a b', 'a:b:c', 'a:123456']) {
    const { statusCode, headers } = await redirected(gateway, 'GET', '/', { host })
    assert.equal(statusCode, 400, host)
    assert.equal(headers.location, undefined)
  }
})

test('with ALLOWED_HOSTS only those are redirected to', async (t) => {
  const gateway = await startGateway(t, { ALLOWED_HOSTS: 'example.org', PUBLIC_HTTPS_PORT: '443' })
  assert.equal((await redirected(gateway, 'GET', '/', { host: 'example.org:8080' })).headers.location, 'https://example.org/')
  assert.equal((await redirected(gateway, 'GET', '/', { host: 'evil.example' })).statusCode, 421)
})

test('a target that is no path redirects nowhere', async (t) => {
  const gateway = await startGateway(t)
  for (const target of ['//evil.example/', 'http://evil.example/', '/\\evil.example']) {
    const { statusCode, headers } = await redirected(gateway, 'GET', target)
    assert.equal(statusCode, 400, target)
    assert.equal(headers.location, undefined)
  }
})
