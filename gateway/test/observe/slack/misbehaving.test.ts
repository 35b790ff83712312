import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { until } from '../../helper.ts'
import { alert, secret, startSlackServer, tellSlack } from './slack-server.ts'

/** Ways of Slack, or of what stands between, to not take a message; each is met several times before one is taken. */
const ways: Record<string, { reason: RegExp, answer: (request: IncomingMessage, response: ServerResponse) => unknown }> = {
  'status 500': { reason: /status 500/, answer: (_, response) => response.writeHead(500).end('rollup_error') },
  'status 404': { reason: /status 404/, answer: (_, response) => response.writeHead(404).end('no_service') },
  'status 204': { reason: /status 204/, answer: (_, response) => response.writeHead(204).end() },
  'a redirect': { reason: /status 302/, answer: (_, response) => response.writeHead(302, { location: '/elsewhere' }).end() },
  '429 without Retry-After': { reason: /status 429/, answer: (_, response) => response.writeHead(429).end() },
  '429 with garbage in Retry-After': { reason: /status 429/, answer: (_, response) => response.writeHead(429, { 'retry-after': 'soon' }).end() },
  'a page instead of a word': { reason: /not Slack’s/, answer: (_, response) => response.end('<html>Sign in to continue</html>') },
  'JSON instead of a word': { reason: /not Slack’s/, answer: (_, response) => response.end('{"ok":true}') },
  'no HTTP': { reason: /HPE_/, answer: ({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n\r\n') },
  'a reset': { reason: /ECONNRESET/, answer: ({ socket }) => socket.resetAndDestroy() },
  'an answer cut short': { reason: /ECONNRESET|ERR_BAD_RESPONSE/, answer: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok') },
  'no answer': { reason: /no answer in time/, answer: () => {} },
  'an answer that drips': {
    reason: /no answer in time/,
    answer: (_, response) => {
      const drip = setInterval(() => response.write('o'), 50)
      response.on('close', () => clearInterval(drip))
    }
  },
  'an endless answer': {
    reason: /ERR_BAD_RESPONSE/,
    answer: (_, response) => {
      const pour = () => { while (!response.destroyed && response.write(Buffer.alloc(65536, 'o'))); }
      response.on('drain', pour).on('error', () => {})
      pour()
    }
  }
}

for (const [way, { reason, answer }] of Object.entries(ways)) {
  test(`${way}: the message waits, and is taken once Slack is well again`, async (t) => {
    const slack = await startSlackServer(t, (request, response, nth) => {
      if (nth <= 3) answer(request, response)
      return nth <= 3
    })
    const { alerts, logged } = tellSlack(t, slack.url)
    alerts.tell(alert('it broke'))
    await slack.askedSo(1)
    alerts.tell(alert('it broke'))
    alerts.tell(alert('something else did too'))
    await slack.tookSo(1)
    await until(() => alerts.sent === 1 && logged.length === 2)
    assert.match(slack.taken[0]!.text, /`it broke`\n2 times/)
    assert.match(slack.taken[0]!.text, /`something else did too`/)
    assert.deepEqual([alerts.failed, alerts.dropped], [3, 0])
    const [begin, end] = logged.map((line) => JSON.parse(line))
    assert.equal(begin.msg, 'Slack does not take alerts: they wait')
    assert.match(begin.reason, reason)
    assert.equal(end.msg, 'Slack takes alerts again')
    assert.ok(!logged.join().includes(secret) && !logged.join().includes('hushhush'))
  })
}

test('nobody listens there: the message waits until somebody does', async (t) => {
  const before = await startSlackServer(t)
  await before.close()
  const { alerts, logged } = tellSlack(t, before.url)
  alerts.tell(alert('it broke'))
  await until(() => alerts.failed >= 3)
  assert.match(logged.join(), /ECONNREFUSED/)
  const slack = await startSlackServer(t, () => {}, before.port)
  await slack.tookSo(1)
  assert.match(slack.taken[0]!.text, /`it broke`\n1 time,/)
})

test('a message that Slack refuses for what it says holds up no other; that is counted and told', async (t) => {
  const slack = await startSlackServer(t, (_request, response, nth) => {
    if (nth === 1) response.writeHead(400).end('invalid_payload')
    return nth === 1
  })
  const { alerts } = tellSlack(t, slack.url)
  alerts.tell(alert('the unspeakable', { count: 3 }))
  await slack.askedSo(1)
  alerts.tell(alert('it broke'))
  await until(() => slack.taken.some(({ text }) => /`it broke`/.test(text)))
  assert.equal(alerts.dropped, 3)
  assert.match(slack.taken.map(({ text }) => text).join('\n'), /3 alerts could not be told/)
})
