import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { makeAuthority } from '../client-authority.ts'
import { temporaryFolder } from '../credentials.ts'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { ask, startGateway, until } from '../helper.ts'
import type { Answer, TestGateway } from '../helper.ts'

const authority = makeAuthority()

// An exempt path under client authentication needs no certificate, and takes the usual way.
const usualWay = { CLIENT_AUTH: 'optional', CLIENT_AUTH_EXEMPT: '/predict' }

/** The same gateway twice: with the fast path, and with none. */
async function both (
  t: TestContext, listener: () => RequestListener, env: Record<string, string> = {}
): Promise<[TestGateway, TestGateway]> {
  const caFile = join(temporaryFolder(t), 'ca.crt')
  writeFileSync(caFile, (await authority).cert)
  return [
    await startGateway(t, env, listener()),
    await startGateway(t, { ...env, ...usualWay, CLIENT_CA_FILE: caFile }, listener())
  ]
}

const predict = (gateway: TestGateway, headers: Record<string, string> = {}, body = '{"a":1}') =>
  ask(gateway, { method: 'POST', path: '/predict', headers: { 'content-type': 'application/json', ...headers }, body })

/** What a client sees of an answer, without what is different each time. */
function seen ({ status, headers, body, json }: Answer, withId: boolean) {
  const { date, 'x-request-id': id, ...rest } = headers
  assert.ok(date)
  const { requestId, ...told } = json?.requestId === undefined ? { requestId: id, told: body } : json
  assert.equal(requestId, id)
  return { status, headers: rest, told, id: withId ? id : undefined }
}

for (const [what, headers, body] of [
  ['an answer', {}, '{"a":1}'],
  ['an answer to what the upstream refuses', {}, 'no object'],
  ['an answer in bytes of no text', {}, '{\u00ff\u0100'],
  ['an answer to a request with an id', { 'x-request-id': 'an.id' }, '{}'],
  ['an answer to a request with an id that is none', { 'x-request-id': 'an id' }, '{}'],
  ['an answer to a request of a browser', { accept: 'application/json, */*', origin: 'https://a', 'sec-fetch-mode': 'cors', dnt: '1' }, '{}'],
  ['an answer on a connection that is to end', { connection: 'close' }, '{}'],
  ['a refusal of a host that is none', { host: 'a b' }, '{}'],
  ['a refusal of a host that is not served', { host: 'other' }, '{}']
] as const) {
  test(`${what} is the same on both ways`, async (t) => {
    const [fast, usual] = await both(t, () => exchangeUpstream([]), { ALLOWED_HOSTS: '127.0.0.1' })
    const [one, other] = [await predict(fast, headers, body), await predict(usual, headers, body)]
    assert.deepEqual(seen(one, one.headers['x-request-id'] === 'an.id'), seen(other, other.headers['x-request-id'] === 'an.id'))
  })
}

for (const [what, listener, env] of [
  ['past the limit', () => exchangeUpstream([]), { RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '1' }],
  ['of a busy upstream', () => refusing(503), {}],
  ['of a broken upstream', () => refusing(500), {}],
  ['of an upstream that takes too long', () => () => {}, { UPSTREAM_TIMEOUT_MS: '100' }]
] as const) {
  test(`the answer ${what}, and its log line, are the same on both ways`, async (t) => {
    const ways = await both(t, listener, env)
    const told = await Promise.all(ways.map(async (gateway) => {
      await predict(gateway)
      const last = await predict(gateway)
      await until(() => lines(gateway).length === 2)
      // A client that closes as soon as it has its answer may be quicker than the news that all of it was taken.
      const { time, requestId, traceId, ms, upstream, upstreamMs, aborted: _, ...line } = lines(gateway)[1]!
      assert.equal(requestId, last.headers['x-request-id'])
      const has = [time, traceId, ms, upstream, upstreamMs].map((value) => typeof value)
      return { answer: seen(last, false), line, has }
    }))
    assert.deepEqual(told[0], told[1])
    assert.ok(told[0]!.answer.status >= 400)
  })
}

const lines = ({ logged }: TestGateway) => logged.filter(({ msg }) => msg === 'request')

function refusing (status: number): RequestListener {
  return (request, response) => { request.resume().on('end', () => response.writeHead(status).end('{}')) }
}
