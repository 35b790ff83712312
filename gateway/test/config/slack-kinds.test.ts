import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config.ts'
import { MistakesError } from '../../src/mistakes.ts'

for (const url of [
  'https://hooks.slack.com/services/T0/B0/x', 'https://slack.corp.example:8443/hooks/x?a=b', 'http://localhost:1/x', 'http://127.0.0.1:9/x', 'http://[::1]:9/x'
]) {
  test(`SLACK_WEBHOOK_URL=${url} is taken as it stands`, () => {
    assert.equal(loadConfig({ SLACK_WEBHOOK_URL: url }).config.SLACK_WEBHOOK_URL, url)
  })
}

for (const url of [
  'hooks.slack.com/services/hush', 'http://hooks.slack.com/services/hush', 'http://127.0.0.1.example/hush', 'http://localhost.example/hush',
  'ftp://hooks.slack.com/hush', 'https://user:hush@hooks.slack.com/', 'https://hooks.slack.com/#hush', 'hush'
]) {
  test(`SLACK_WEBHOOK_URL=${url} is refused, and not shown`, () => {
    assert.throws(() => loadConfig({ SLACK_WEBHOOK_URL: url }), (error: MistakesError) => {
      assert.match(error.message, /^SLACK_WEBHOOK_URL is \(not shown\)\. It takes an address such as https:/)
      return !error.message.includes('hush')
    })
  })
}

test('SLACK_CHANNEL takes a name', () => {
  for (const name of ['#alerts', 'alerts', '@ann', 'C012AB3CD', '#überwachung_1.b']) assert.equal(loadConfig({ SLACK_CHANNEL: name }).config.SLACK_CHANNEL, name)
  for (const name of ['#a b', '<!channel>', '#', `#${'x'.repeat(81)}`, '#a\n']) {
    assert.throws(() => loadConfig({ SLACK_CHANNEL: name }), /SLACK_CHANNEL is .* It takes the name of a channel/)
  }
})

test('neither is set by default', () => {
  const { config } = loadConfig({})
  assert.deepEqual([config.SLACK_WEBHOOK_URL, config.SLACK_CHANNEL], [undefined, undefined])
})
