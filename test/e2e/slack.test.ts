import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { fetchOnce, predict } from './https.ts'
import { fromSource, run, runToEnd } from './process.ts'
import type { Running } from './process.ts'
import { secret, startSlackServer } from './slack-server.ts'
import { freePorts, makeCertificates, temporaryFolder } from './stack.ts'

interface Gateway extends Running { url: string, adminUrl: string, ca: Buffer, certificate: string }

type Certificates = Awaited<ReturnType<typeof makeCertificates>>

async function startGateway (t: TestContext, env: Record<string, string>, certificates?: Certificates): Promise<Gateway> {
  const { env: files, ca } = certificates ?? await makeCertificates(t)
  const running = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...files, PREDICTOR_URL: 'http://127.0.0.1:1', ...env })
  const { url, adminUrl } = JSON.parse((await running.said(/^\{.*"msg":"listening".*\}$/m))[0])
  return { ...running, url, adminUrl, ca, certificate: files.TLS_CERT_FILE! }
}

async function end ({ child, ended }: Gateway): Promise<number | NodeJS.Signals> {
  child.kill('SIGTERM')
  return ended
}

test('client mistakes are never told, nor is anything else that is as it should be', async (t) => {
  const slack = await startSlackServer(t)
  const { url: PREDICTOR_URL } = JSON.parse((await run(t, fromSource('predictor/src/server.ts'), freePorts).said(/^\{.*"msg":"listening".*\}$/m))[0])
  const gateway = await startGateway(t, { SLACK_WEBHOOK_URL: slack.url, PREDICTOR_URL, RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '40', BODY_LIMIT: '1000' })
  const statuses = new Set<number>()
  for (let i = 0; i < 15; i++) {
    statuses.add((await predict(gateway.url, gateway.ca, i % 2 === 0 ? 'not numbers' : [5.1, 3.5, 1.4, 0.2])).status)
    statuses.add((await fetchOnce(`${gateway.url}/nowhere`, { ca: gateway.ca })).status)
    statuses.add((await fetchOnce(gateway.url, { ca: gateway.ca, method: 'POST', body: 'x'.repeat(2000) })).status)
  }
  assert.deepEqual([...statuses].sort(), [200, 400, 404, 413, 429])
  assert.equal(await end(gateway), 0)
  assert.deepEqual(slack.texts, [])
})

test('a certificate refused at reload is told within seconds; the webhook’s address is in no output, metric or answer', async (t) => {
  const slack = await startSlackServer(t)
  const gateway = await startGateway(t, { SLACK_WEBHOOK_URL: slack.url, SLACK_CHANNEL: '#alerts', LOG_LEVEL: 'trace' })
  truncateSync(gateway.certificate, 100)
  assert.match(await slack.told(/certificate not reloaded/), /^:rotating_light: \*gateway\*/)
  const answers = [await fetchOnce(gateway.url, { ca: gateway.ca }), await fetchOnce(`${gateway.adminUrl}/metrics`)]
  assert.match(answers[1]!.body, /^gateway_slack_messages_sent_total [1-9]/m)
  assert.match(answers[1]!.body, /^gateway_slack_alerts_dropped_total 0$/m)
  await end(gateway)
  assert.ok(!gateway.output().includes(secret) && !gateway.output().includes('hush'), gateway.output())
  assert.ok(!JSON.stringify(answers).includes('hush'))
})

test('a Slack that is not there: the gateway serves, says so without the address, counts, and ends in time', async (t) => {
  const gateway = await startGateway(t, { SLACK_WEBHOOK_URL: `http://127.0.0.1:1/services/${secret}`, LOG_LEVEL: 'trace' })
  truncateSync(gateway.certificate, 100)
  await gateway.said(/Slack does not take alerts: they wait/)
  assert.equal((await fetchOnce(gateway.url, { ca: gateway.ca })).status, 502)
  assert.match((await fetchOnce(`${gateway.adminUrl}/metrics`)).body, /^gateway_slack_send_failures_total [1-9]/m)
  assert.equal(await end(gateway), 0)
  assert.ok(!gateway.output().includes('hush'))
})

test('a start after a crash is told; one after an end in order is not', async (t) => {
  const slack = await startSlackServer(t)
  const certificates = await makeCertificates(t)
  const env = { SLACK_WEBHOOK_URL: slack.url, HTTPS_PORT: String(await freePort()), TMPDIR: temporaryFolder(t) }
  const first = await startGateway(t, env, certificates)
  first.child.kill('SIGKILL')
  await first.ended
  const second = await startGateway(t, env, certificates)
  assert.match(await slack.told(/did not end in order/), /such runs in a row: 1/)
  assert.equal(await end(second), 0)
  const told = slack.texts.length
  const third = await startGateway(t, env, certificates)
  await end(third)
  assert.equal(slack.texts.length, told)
})

test('a second signal, which ends the process at once, is told before it does', async (t) => {
  const slack = await startSlackServer(t)
  const gateway = await startGateway(t, { SLACK_WEBHOOK_URL: slack.url, DRAIN_DELAY_MS: '30000' })
  truncateSync(gateway.certificate, 100)
  await slack.told(/certificate not reloaded/)
  gateway.child.kill('SIGTERM')
  await gateway.said(/"draining"/)
  gateway.child.kill('SIGTERM')
  assert.equal(await gateway.ended, 1)
  assert.match(slack.texts.at(-1)!, /:fire: \*gateway\* `second SIGTERM: ending at once`/)
})

test('--check says what is wrong with the settings, and not what they are', async (t) => {
  const { code, output } = await runToEnd(t, fromSource('gateway/src/server.ts', '--check'), { SLACK_WEBHOOK_URL: `http://slack.example/${secret}`, SLACK_CHANNEL: 'a b' })
  assert.equal(code, 1)
  assert.match(output, /SLACK_WEBHOOK_URL is \(not shown\)\. It takes an address such as https:/)
  assert.match(output, /SLACK_CHANNEL is "a b"\. It takes the name of a channel/)
  assert.ok(!output.includes('hush'))
})
