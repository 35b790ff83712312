import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../src/config.ts'
import { hstsMaxAge, securityHeaders } from '../src/security-headers.ts'
import { ask, sendRaw, startGateway } from './helper.ts'

test('every kind of answer carries the security headers and a request id, and names no server', async (t) => {
  const gateway = await startGateway(t, { HSTS_MAX_AGE: '60' })
  const answers = [await ask(gateway), await ask(gateway, { method: 'TRACE' }), await ask(gateway, { path: '/%zz' }), await ask(gateway, { path: '/%00' })]
  for (const { headers } of answers) {
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['strict-transport-security'], 'max-age=60')
    assert.match(String(headers['content-security-policy']), /default-src 'self'/)
    assert.match(String(headers['x-request-id']), /^[a-f0-9]{16}-[0-9a-z]+$/)
    assert.equal(headers.server, undefined)
    assert.equal(headers['x-powered-by'], undefined)
  }
  const raw = await sendRaw(t, gateway, 'GARBAGE\r\n\r\n')
  assert.match(raw, /^x-content-type-options: nosniff\r$/m)
  assert.match(raw, /^x-request-id: /m)
})

test('Strict-Transport-Security is a year with a certificate of one’s own, none with the local one', async () => {
  const age = (env: Record<string, string>) => hstsMaxAge(loadConfig(env).config)
  assert.equal(age({}), 0)
  assert.equal(age({ TLS_CERT_FILE: '/etc/tls/server.crt' }), 31536000)
  assert.equal(age({ TLS_CERT_FILE: '/etc/tls/server.crt', HSTS_MAX_AGE: '0' }), 0)
  assert.equal((await securityHeaders(0))['strict-transport-security'], undefined)
})
