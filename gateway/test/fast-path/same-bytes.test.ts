import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { makeAuthority } from '../client-authority.ts'
import { temporaryFolder } from '../credentials.ts'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { connectTo, startGateway } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const authority = makeAuthority()
const quick = { HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200', RATE_LIMIT_RPS: '0' }

const line = fc.constantFrom(
  'Accept: */*', 'Accept: text/html', 'Connection: keep-alive', 'Connection: X', 'X-Request-Id: a', 'Cookie: a=b', 'Expect: 100-continue',
  'X-Forwarded-For: 192.0.2.1', 'Content-Type: text/plain', 'Host: b', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'X_Request_Id: b', 'X: \u00e9'
)
const requests = fc.array(fc.record({
  first: fc.oneof({ weight: 5, arbitrary: fc.constant('POST /predict HTTP/1.1') }, fc.constantFrom('GET /x HTTP/1.1', 'POST /x HTTP/1.1', 'POST /predict?a HTTP/1.1')),
  lines: fc.array(line, { maxLength: 2 }),
  body: fc.stringMatching(/^\{?[ -~\r\n\xff]{1,12}$/)
}), { minLength: 1, maxLength: 3 }).map((all) => all.map(({ first, lines, body }) => {
  const head = [first, 'Host: a', 'Content-Type: application/json', ...lines, `Content-Length: ${body.length}`]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}))
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const change = fc.tuple(place, fc.nat(2), fc.constantFrom('', '\r', '\n', '\r\n', ' ', '\t', ':', '0', '1', 'a', '\0', '\xff', '_'))
const sent = fc.tuple(requests, fc.array(change, { maxLength: 1 }), fc.array(place, { maxLength: 2 }), fc.boolean())
const last = 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/**
 * All that comes back for bytes, without what is different each time.
 * @param parts what is sent without waiting for answers
 * @param cuts where each of them is sent in pieces
 */
async function answersTo (t: TestContext, gateway: TestGateway, parts: string[], cuts: number[]): Promise<string> {
  const socket = await connectTo(t, gateway)
  let answers = ''
  socket.on('data', (chunk) => { answers += chunk.toString('latin1') })
  const closed = once(socket, 'close')
  for (const part of parts) {
    let from = 0
    for (const cut of [...cuts.map((where) => Math.floor(where * part.length)).sort((a, b) => a - b), part.length]) {
      if (cut > from && socket.writable) socket.write(part.slice(from, cut), 'latin1')
      from = cut
      await new Promise(setImmediate)
    }
    // There may be no answer to it.
    const before = answers.length
    for (let turns = 0; turns < 500 && answers.length === before && socket.writable; turns++) await new Promise(setImmediate)
  }
  await closed
  const statuses = [...answers.matchAll(/HTTP\/1\.1 \d{3}/g)].join()
  return statuses + answers
    .replaceAll(/^Date: .*\r\n/gm, '').replaceAll(/content-length: \d+/gi, '').replaceAll(/(x-request-id: |"requestId":")[0-9a-f]{16}-[0-9a-z]+/g, '$1…')
    .split('\r\n').map((header) => header.toLowerCase()).sort().join('\n')
}

test('whatever the bytes and however they come, the answers are those of the usual way', { timeout: 60_000 }, async (t) => {
  const caFile = join(temporaryFolder(t), 'ca.crt')
  writeFileSync(caFile, (await authority).cert)
  const fast = await startGateway(t, quick, exchangeUpstream([]))
  const usual = await startGateway(t, { ...quick, CLIENT_AUTH: 'optional', CLIENT_AUTH_EXEMPT: '/predict,/x', CLIENT_CA_FILE: caFile }, exchangeUpstream([]))
  let usually = 0
  fast.app.server.on('request', () => { usually++ })
  let answered = 0
  await fc.assert(fc.asyncProperty(sent, async ([valid, changes, cuts, isAtOnce]) => {
    const parts = isAtOnce ? [valid.join('') + last] : [...valid, last]
    const changed = changes.reduce((before, [where, count, bytes]) => {
      const at = Math.floor(where * before[0]!.length)
      return [before[0]!.slice(0, at) + bytes + before[0]!.slice(at + count), ...before.slice(1)]
    }, parts)
    const [one, other] = await Promise.all([fast, usual].map((gateway) => answersTo(t, gateway, changed, cuts)))
    assert.equal(one, other)
    answered += one!.match(/http\/1\.1 \d/g)!.length
  }), { numRuns: 150 })
  assert.ok(answered - usually > 30, `${answered - usually} of ${answered} answers took the fast path`)
})
