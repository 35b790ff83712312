import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { head } from './differential/case.ts'
import { exchange } from './differential/exchange.ts'
import type { Seen } from './differential/exchange.ts'
import { startGateway } from './differential/gateway.ts'
import { mutatedRequests, strictReading } from './differential/mutations.ts'
import { nginxBinary, startNginx } from './differential/nginx.ts'
import { assertContractErrors, assertOneMeaning } from './differential/one-meaning.ts'
import { serialOf } from './differential/outcome.ts'
import { startRecordingUpstream } from './differential/recording-upstream.ts'
import type { Reached } from './differential/recording-upstream.ts'
import { makeCertificates } from './stack.ts'

const bodyLimit = 2000

// Longer than any body that is taken: whatever an edge still waits for, it gets, and the connection ends.
const tail = head('GET /tail HTTP/1.1', 'Host: a', `X-Pad: ${'p'.repeat(700)}`, 'Connection: close').repeat(4)

test('whatever the bytes, the gateway passes on what a strict reader finds in them, and nothing else', async (t) => {
  const { env } = await makeCertificates(t)
  const upstream = await startRecordingUpstream(t)
  const gateway = { upstream, ...await startGateway(t, upstream.url, { ...env, BODY_LIMIT: String(bodyLimit) }) }
  const nginxUpstream = await startRecordingUpstream(t)
  const nginx = nginxBinary === undefined
    ? undefined
    : { upstream: nginxUpstream, ...await startNginx(t, nginxUpstream.url, env, bodyLimit) }
  const counts = { runs: 0, passedOn: 0, refused: 0, nginxPassedMore: 0, nginxPassedLess: 0 }

  const holds = async (bytes: string) => {
    const sent = bytes + tail
    const [seen, ofNginx] = await Promise.all([exchange(gateway, sent), nginx === undefined ? undefined : exchange(nginx, sent)])
    const passedOn = inOrderOfAnswers(seen)
    counts.runs++
    if (passedOn.some(({ target }) => target !== '/tail')) counts.passedOn++
    else counts.refused++
    if (ofNginx !== undefined && ofNginx.requests.length > passedOn.length) counts.nginxPassedMore++
    if (ofNginx !== undefined && ofNginx.requests.length < passedOn.length) counts.nginxPassedLess++

    assertOneMeaning(seen)
    assertContractErrors(seen)
    const read = strictReading(sent).map(({ method, target, body }) => inWords(method, target, body))
    let from = 0
    for (const { method, target, body } of passedOn) {
      const told = inWords(method, target, body)
      from = read.indexOf(told, from) + 1
      assert.notEqual(from, 0, `${told} reached the upstream; a strict reader finds: ${read.join(', ') || 'nothing'}`)
    }
  }
  const seed = Math.trunc(Math.random() * 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const bounds = { numRuns: 500, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false }
  await fc.assert(fc.asyncProperty(mutatedRequests, holds), { seed, ...bounds })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.passedOn > counts.runs / 20 && counts.refused > counts.runs / 20, 'the bytes are of both kinds')
  assert.equal(gateway.process.child.exitCode, null)
  assert.doesNotMatch(gateway.process.output(), /internal error/)
})

function inOrderOfAnswers ({ answers, requests }: Seen): Reached[] {
  const serials = answers.map(serialOf)
  return requests.toSorted((one, other) => serials.indexOf(one.serial) - serials.indexOf(other.serial))
}

/** A body has no meaning in GET and HEAD, and is not passed on. */
function inWords (method: string, target: string, body: string): string {
  return `${method} ${target} ${JSON.stringify(method === 'GET' || method === 'HEAD' ? '' : body)}`
}
