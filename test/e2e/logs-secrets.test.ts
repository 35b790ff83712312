import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { test } from 'node:test'
import { fetchOnce } from './https.ts'
import { fromSource, run } from './process.ts'
import { freePorts, makeCertificates, startStack } from './stack.ts'
import type { Stack } from './stack.ts'

/** Never seen before and easy to find; each place has one of its own, so that a leak tells where from. */
const secret = (place: string) => `planted-${place}-7f3a9c`

const headers = {
  authorization: `Bearer ${secret('authorization')}`,
  'proxy-authorization': `Basic ${secret('proxy-authorization')}`,
  cookie: `session=${secret('cookie')}`,
  'x-api-key': secret('api-key'),
  referer: `https://example.org/?token=${secret('referer')}`,
  'user-agent': secret('user-agent')
}
const json = { 'content-type': 'application/json' }

/** Every way a request can go, with a secret in all of it that is the client's. */
async function plant ({ url, ca, redirectUrl }: Pick<Stack, 'url' | 'ca' | 'redirectUrl'>): Promise<void> {
  const query = `?token=${secret('query')}&${secret('query-name')}`
  const bodies = [
    `{"iris_dimensions":[5.1,3.5,1.4,0.2],"note":"${secret('body')}"}`, `{"iris_dimensions":["${secret('wrong-body')}"]}`, secret('no-json')
  ]
  for (const body of bodies) {
    await fetchOnce(`${url}/predict`, { method: 'POST', ca, headers: json, body })
    await fetchOnce(`${url}/predict${query}`, { method: 'POST', ca, headers: { ...json, ...headers }, body })
    await fetchOnce(`${url}/predict`, { method: 'POST', ca, headers: { 'content-type': 'application/x-ndjson' }, body: `${body}\n${body}` })
    await fetchOnce(`${url}/v2/models${query}`, { method: 'PUT', ca, headers: { ...json, ...headers }, body })
  }
  await fetchOnce(`${url}/%zz${query}`, { ca, headers })
  await fetchOnce(`${redirectUrl}/${query}`, { headers })
  await fetchOnce(`${url}/`, { method: 'TRACE', ca, headers })
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca, servername: 'localhost' })
  socket.end(`POST /predict HTTP/1.1\r\nhost: x\r\nauthorization: ${secret('malformed')}\r\nbad header ${secret('malformed')}\r\n\r\n${secret('malformed')}`)
  socket.resume()
  await once(socket, 'close')
}

test('at debug, no body, cookie, key, query or password of a client is in any output', async (t) => {
  const stack = await startStack(t, { LOG_LEVEL: 'debug' })
  await plant(stack)
  const told = await fetchOnce(`${stack.url}/`, { ca: stack.ca, headers: { 'x-request-id': 'the-last-one' } })
  assert.equal(told.status, 200)
  await stack.local.said(/predictor \| .*"requestId":"the-last-one"/)
  stack.local.child.kill('SIGTERM')
  await stack.local.ended
  assert.match(stack.local.output(), /"status":400/)
  assert.doesNotMatch(stack.local.output(), /planted-[a-z-]+/)
})

test('nor when the upstream fails, nor the gateway’s own secrets: webhook, passwords, private key', async (t) => {
  // Takes connections and breaks them off.
  const upstream = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  t.after(() => upstream.close())
  await once(upstream, 'listening')
  const { port } = upstream.address() as AddressInfo
  const { env, ca } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts,
    ...env,
    LOG_LEVEL: 'debug',
    PREDICTOR_URL: `http://127.0.0.1:${port}`,
    RATE_LIMIT_STORE_URL: `redis://user:${secret('redis-password')}@127.0.0.1:1`,
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/${secret('webhook')}`,
    SLACK_CHANEL: secret('misspelt-setting'),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secret('collector')}`
  })
  const { url, redirectUrl } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  await plant({ url, redirectUrl, ca })
  // Enough of them that Slack is to be told, and fails.
  for (let i = 0; i < 20; i++) await fetchOnce(`${url}/`, { ca, headers })
  gateway.child.kill('SIGTERM')
  await gateway.ended
  const output = gateway.output()
  assert.match(output, /"status":502/)
  assert.doesNotMatch(output, /planted-[a-z-]+/)
  const [, firstKeyLine] = readFileSync(env.TLS_KEY_FILE!, 'utf8').split('\n')
  assert.ok(!output.includes(firstKeyLine!) && !output.includes('PRIVATE KEY'))
})
