import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { literal, messageOf } from '../../../src/observe/slack/message.ts'
import { newsOf } from '../../../src/observe/slack/news.ts'
import { alert, startSlackServer, tellSlack } from './slack-server.ts'

/** What is left of a message when its code spans are taken out: its own words. */
function ownWords (text: string): string {
  return text.replace(/`[^`\n]*`/g, '')
}

const attacks = [
  '<!channel>', '<!here|now>', '<@U012AB3CD>', '<#C012AB3CD>', '<!subteam^S1>', '<https://evil.example|click>', '&lt;!channel&gt;',
  'https://evil.example/x', '@channel', '*bold* _it_ ~no~', ':smile:', '`<!channel>`', '```\n<!everyone>\n```', 'a\n> quoted\n<!channel>',
  '\u202e<lennahc!>', '\u200b<!channel>', 'x\r\n:fire: *gateway* `all is lost`', '<!date^1392734382^{date}^https://evil.example|x>'
]

for (const attack of attacks) {
  test(`${JSON.stringify(attack)} is shown and does nothing`, () => {
    const news = newsOf(alert(attack, { code: attack, detail: attack, requestIds: [attack] }), 0)
    const text = messageOf([{ news, inAll: 1 }], attack, 0)
    assert.doesNotMatch(text, /[<>]/)
    assert.doesNotMatch(text, /&(?!amp;|lt;|gt;)/)
    assert.doesNotMatch(ownWords(text), /evil|channel|everyone|bold|smile|lost|quoted/)
    assert.equal(text.split('\n').length, 5)
  })
}

test('no text gets out of its code span, or makes a line of its own', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (value) => {
    assert.match(literal(value), /^`[^`<>\p{C}\p{Zl}\p{Zp}]+`$/u)
  }), { numRuns: 2000 })
})

test('what Slack is sent is what it says: nothing on the way undoes it', async (t) => {
  const slack = await startSlackServer(t)
  const { alerts } = tellSlack(t, slack.url)
  alerts.tell(alert('<!channel> & <https://evil.example|x>'))
  await slack.tookSo(1)
  assert.match(slack.taken[0]!.text, /`&lt;!channel&gt; &amp; &lt;https:\/\/evil\.example\|x&gt;`/)
})
