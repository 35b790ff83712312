import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { secret, startSlackServer } from './slack-server.ts'
import type { SlackServer } from './slack-server.ts'

interface Ending { slack: SlackServer, child: ChildProcess, output: () => string, ended: Promise<number | null> }

type Behaviour = Parameters<typeof startSlackServer>[1]

/** A process that has told Slack of something already; `behave` is how Slack takes what comes then. */
async function start (t: TestContext, behave: Behaviour = () => {}, env: Record<string, string> = {}): Promise<Ending> {
  const slack = await startSlackServer(t, (request, response, nth) => nth > 1 && behave(request, response, nth))
  const script = fileURLToPath(new URL('ending-process.ts', import.meta.url))
  const child = fork(script, {
    execArgv: ['--import', 'tsx'], env: { ...process.env, SLACK_WEBHOOK_URL: slack.url, SHUTDOWN_TIMEOUT_MS: '5000', ...env }, silent: true
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => { output += chunk })
  const ended = Promise.all([once(child, 'exit'), once(child.stdout!, 'end')]).then(([[code]]) => code as number | null)
  await once(child, 'message')
  child.send('log')
  await slack.tookSo(1)
  return { slack, child, output: () => output, ended }
}

test('an uncaught error reaches Slack before the process has ended', async (t) => {
  const { slack, child, output, ended } = await start(t)
  child.send('throw')
  assert.equal(await ended, 1)
  assert.match(slack.taken[1]!.text, /^:fire: \*gateway\* `uncaught error: draining, then ending`\n1 time, .*\n`Error: outside`/)
  assert.ok(!output().includes(secret))
})

test('an error logged right before the process exits, by whatever way, reaches Slack', async (t) => {
  const { slack, child, ended } = await start(t)
  child.send('log and exit')
  assert.equal(await ended, 3)
  assert.match(slack.taken[1]!.text, /`internal error`\ncode `INTERNAL`, 1 time, .*\nrequests `the-last-one`/)
})

test('a process cut off at its deadline tells of it', async (t) => {
  const { slack, child, ended } = await start(t, undefined, { NEVER_CLOSES: '1', SHUTDOWN_TIMEOUT_MS: '100' })
  child.kill('SIGTERM')
  assert.equal(await ended, 1)
  assert.match(slack.taken[1]!.text, /^:fire: \*gateway\* `shutdown took longer than 100 ms; what was still under way is cut off`/)
})

test('Slack may fail first: the process tries again as it ends', async (t) => {
  const { slack, child, ended } = await start(t, (_request, response, nth) => {
    if (nth === 2) response.writeHead(500).end()
    return nth === 2
  })
  child.send('log and exit')
  await ended
  assert.equal(slack.requests, 3)
  assert.match(slack.taken[1]!.text, /`internal error`/)
})

for (const [how, behave] of Object.entries({
  'does not answer': () => true,
  'asks to be left alone': (_request: unknown, response: ServerResponse) => {
    response.writeHead(429, { 'retry-after': '3600' }).end()
    return true
  }
})) {
  test(`a Slack that ${how} keeps no process from ending`, async (t) => {
    const { slack, child, output, ended } = await start(t, behave)
    child.send('throw')
    assert.equal(await ended, 1)
    assert.equal(slack.requests, 2)
    assert.ok(!output().includes(secret))
  })
}

test('with nothing left to tell, nothing is sent and the process ends in order', async (t) => {
  const { slack, child, ended } = await start(t)
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  assert.equal(slack.requests, 1)
})
