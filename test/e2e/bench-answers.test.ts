import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { loadWithAutocannon } from '../bench/generators/autocannon.ts'
import { check } from '../bench/generators/load.ts'
import { steadyLatencies } from '../bench/generators/steady.ts'
import { loadWithWrk } from '../bench/generators/wrk.ts'
import { prediction } from '../bench/payload.ts'
import { BenchScope } from '../bench/scope.ts'
import { makeCertificates } from './stack.ts'
import { hasTool } from './tools.ts'

/** Answers rightly but for every tenth request: in turns another species, and the right one with another status. */
async function startSometimesWrong (t: TestContext) {
  const { env, ca } = await makeCertificates(t)
  let [answered, wrong] = [0, 0]
  const server = createServer({ cert: readFileSync(env.TLS_CERT_FILE!), key: readFileSync(env.TLS_KEY_FILE!) }, (request, response) => {
    request.resume()
    request.on('end', () => {
      const isWrong = ++answered % 10 === 0
      const other = isWrong && ++wrong % 2 === 0
      response.statusCode = isWrong && !other ? 500 : 200
      response.end(other ? prediction.expected.replace('setosa', 'virginica') : prediction.expected)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const scope = new BenchScope()
  t.after(async () => {
    await scope.end()
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { scope, ca, what: { label: 'sometimes wrong', url, payload: prediction, connections: 4, seconds: 1 }, sent: () => wrong }
}

test('wrk counts wrong answers', async (t) => {
  if (!hasTool(t, 'wrk', '-v')) return
  const { scope, what, sent } = await startSometimesWrong(t)
  const counted = await loadWithWrk(scope, 'wrk', what)
  // What is on its way when the time is up is not counted any more.
  assert.ok(counted.wrong > 0 && counted.wrong <= sent() && counted.wrong >= sent() - what.connections)
  assert.equal(counted.failed, 0)
  assert.throws(() => check(what, counted), /^Error: sometimes wrong \(.*\): \d+ of \d+ answers were wrong, 0 requests failed$/)
})

test('so does autocannon', async (t) => {
  const { scope, what, sent } = await startSometimesWrong(t)
  const counted = await loadWithAutocannon(scope, what)
  assert.ok(counted.wrong > 0 && counted.wrong <= sent() && counted.wrong >= sent() - what.connections)
  assert.throws(() => check(what, counted), /answers were wrong/)
})

test('and the steady rate', async (t) => {
  const { scope, what, ca } = await startSometimesWrong(t)
  await assert.rejects(steadyLatencies(scope, { ...what, ca, perSecond: 100 }), /: 10 of 100 answers were wrong, 0 requests failed$/)
})
