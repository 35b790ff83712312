import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { fetchOnce } from './https.ts'
import { fromSource, run } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

/** The value of a metric without labels. */
function valueOf (metrics: string, name: string): number {
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics) ?? assert.fail(`${name} is not there:\n${metrics}`)
  return Number(value)
}

test('the private port tells when the certificate expires, and how connections and upstreams are', async (t) => {
  const { env } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1' })
  const { adminUrl } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  const { status, headers, body } = await fetchOnce(`${adminUrl}/metrics`)
  assert.equal(status, 200)
  assert.match(headers['content-type']!, /^text\/plain; version=0\.0\.4/)
  const expires = new Date(new X509Certificate(readFileSync(env.TLS_CERT_FILE!)).validTo).getTime() / 1000
  assert.equal(valueOf(body, 'gateway_tls_certificate_not_after_timestamp_seconds'), expires)
  assert.equal(valueOf(body, 'gateway_connections_open'), 0)
  assert.equal(valueOf(body, 'gateway_upstreams'), 1)
  assert.equal(valueOf(body, 'gateway_upstreams_up'), 0)
})

test('requests decided without the shared rate limit are counted', async (t) => {
  const { env, ca } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1', RATE_LIMIT_STORE_URL: 'redis://127.0.0.1:1'
  })
  const { url, adminUrl } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  for (let i = 0; i < 3; i++) assert.equal((await fetchOnce(url, { ca })).status, 502)
  const { body } = await fetchOnce(`${adminUrl}/metrics`)
  assert.equal(valueOf(body, 'gateway_rate_limit_store_failures_total'), 3)
  assert.equal(valueOf(body, 'gateway_rate_limit_store_connected'), 0)
})
