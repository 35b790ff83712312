import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { fetchOnce } from './https.ts'
import { answeredMore, startLoad } from './load.ts'
import { fromSource, run, runToEnd } from './process.ts'
import { startSlackServer, timesTold } from './slack-server.ts'
import { freePorts, makeCertificates } from './stack.ts'

const inFront = { 'from source': fromSource('gateway/src/server.ts'), built: ['gateway/dist/server.js'] }

before(async () => {
  const { code, output } = await runToEnd({ after: () => {} }, fromSource('deploy/build.ts', 'gateway'))
  assert.equal(code, 0, output)
})

async function startPredictor (t: TestContext, PREDICTOR_PORT: string) {
  const running = run(t, fromSource('predictor/src/server.ts'), { ...freePorts, PREDICTOR_PORT })
  await running.said(/"msg":"listening"/)
  return running
}

/** Access lines of answers with that status. */
function answersWith (output: string, status: number): number {
  return output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
    .filter((line) => line.msg === 'request' && line.status === status).length
}

for (const [how, command] of Object.entries(inFront)) {
  test(`a predictor killed under load and back, ${how}: log, metrics and Slack tell the same`, async (t) => {
    const slack = await startSlackServer(t)
    const port = String(await freePort())
    const predictor = await startPredictor(t, port)
    const { env, ca } = await makeCertificates(t)
    const gateway = run(t, command, {
      ...freePorts, ...env, PREDICTOR_URL: `http://127.0.0.1:${port}`, RATE_LIMIT_RPS: '0', SLACK_WEBHOOK_URL: slack.url, SLACK_CHANNEL: '#alerts'
    })
    const { url, adminUrl } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
    const load = startLoad({ url, ca, connections: 4 })
    await answeredMore(load, 100)
    predictor.child.kill('SIGKILL')

    const gone = await slack.told(/`127\.0\.0\.1:\d+ cannot be reached`/)
    assert.match(gone, /^:rotating_light: \*upstream\*/m)
    assert.match(await slack.told(/`many requests answered with 502`/), /code `UPSTREAM_UNREACHABLE`, [\d,]+ times, first .*\nrequests `/)
    const during = (await fetchOnce(`${adminUrl}/metrics`)).body
    assert.match(during, /^gateway_upstreams_up 0$/m)
    assert.match(during, /^gateway_slack_messages_sent_total [1-9]/m)

    await startPredictor(t, port)
    assert.match(await slack.told(/is back`/), /^:white_check_mark: \*upstream\* `127\.0\.0\.1:\d+ is back`\n1 time, .*\n`after [\d.]+ s`/m)
    await answeredMore(load, 100)
    assert.match((await fetchOnce(`${adminUrl}/metrics`)).body, /^gateway_upstreams_up 1$/m)
    await load.stop()
    gateway.child.kill('SIGTERM')
    assert.equal(await gateway.ended, 0)

    const lost = load.tally.lost.filter((what) => what === 'status 502').length
    assert.deepEqual(load.tally.lost.length, lost)
    assert.equal(answersWith(gateway.output(), 502), lost)
    assert.equal(timesTold(slack.texts, 'many requests answered with 502'), lost)
    assert.ok(slack.texts.length <= 5, slack.texts.join('\n\n'))
    t.diagnostic(`${load.tally.sent} requests, ${lost} answered with 502, ${slack.texts.length} messages`)
  })
}
