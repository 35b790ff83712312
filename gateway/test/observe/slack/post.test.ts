import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createPost } from '../../../src/observe/slack/post.ts'
import { startSlackServer } from './slack-server.ts'

/** What comes of a message that is answered with 429 and such a Retry-After. */
async function pauseAfter (t: TestContext, retryAfter: string): Promise<number | undefined> {
  const slack = await startSlackServer(t, (_request, response) => {
    response.writeHead(429, { 'retry-after': retryAfter }).end('rate_limited')
    return true
  })
  const { pause, taken } = await createPost({ url: slack.url, channel: undefined })('text', 5000)
  assert.equal(taken, false)
  return pause
}

test('Retry-After is read in seconds and as a date, and believed up to a quarter of an hour', async (t) => {
  assert.equal(await pauseAfter(t, '30'), 30_000)
  assert.equal(await pauseAfter(t, '999999999'), 900_000)
  assert.equal(await pauseAfter(t, new Date(Date.now() + 3_600_000).toUTCString()), 900_000)
  for (const nonsense of ['0', '-5', 'soon', '1e9', new Date(0).toUTCString()]) assert.equal(await pauseAfter(t, nonsense), undefined, nonsense)
})

test('a channel goes with the message when there is one', async (t) => {
  const slack = await startSlackServer(t)
  await createPost({ url: slack.url, channel: '#ops' })('text', 5000)
  await createPost({ url: slack.url, channel: undefined })('text', 5000)
  assert.equal(slack.taken[0]!.channel, '#ops')
  assert.ok(!('channel' in slack.taken[1]!))
})

test('Slack refuses a message for what it says (hopeless), or refuses whom it comes from (not)', async (t) => {
  for (const [status, hopeless] of [[400, true], [413, true], [403, false], [404, false], [410, false], [500, false]] as const) {
    const slack = await startSlackServer(t, (_request, response) => { response.writeHead(status).end(); return true })
    assert.deepEqual(await createPost({ url: slack.url, channel: undefined })('text', 5000), { taken: false, hopeless, pause: undefined, why: `status ${status}` })
  }
})
