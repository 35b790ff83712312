import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { next } from './differential/case.ts'
import type { RawCase } from './differential/case.ts'
import { rawCases } from './differential/cases.ts'
import { exchange } from './differential/exchange.ts'
import type { Edge, Seen } from './differential/exchange.ts'
import { startGateway } from './differential/gateway.ts'
import { nginxBinary, startNginx } from './differential/nginx.ts'
import { assertContractErrors, assertOneMeaning, nextAlone } from './differential/one-meaning.ts'
import { areAlike, isExpected, outcome } from './differential/outcome.ts'
import { startRecordingUpstream } from './differential/recording-upstream.ts'
import type { Running } from './process.ts'
import { makeCertificates } from './stack.ts'

/** The gateway speaks HTTP/1.1 alone, or beside HTTP/2: two servers of Node.js, which must read the same bytes the same way. */
const gateways: { http2: string, edge: Edge, process: Running, checkNext: (seen: Seen) => void }[] = []
let nginx: Edge | undefined

const cleanups: (() => unknown)[] = []

before(async () => {
  const t = { after: (clean: () => void) => { cleanups.push(clean) } }
  const { env } = await makeCertificates(t)
  for (const http2 of ['off', 'on']) {
    const upstream = await startRecordingUpstream(t)
    const { port, process } = await startGateway(t, upstream.url, { ...env, HTTP2: http2 })
    const edge = { port, upstream }
    gateways.push({ http2, edge, process, checkNext: await nextAlone(edge) })
  }
  if (nginxBinary === undefined) return
  const upstream = await startRecordingUpstream(t)
  nginx = { upstream, ...await startNginx(t, upstream.url, env) }
})

after(async () => { for (const clean of cleanups.reverse()) await clean() })

test('Nginx is here to compare with', (t) => {
  if (nginxBinary !== undefined) return
  assert.notEqual(process.env.REQUIRE_TOOLS, '1', 'nginx is not installed')
  t.skip('nginx is not installed')
})

for (const [about, cases] of Object.entries(rawCases)) {
  for (const raw of cases) {
    test(`${about}: ${raw.name}`, async () => {
      const [ofNginx, ...ofGateways] = await Promise.all([nginx, ...gateways.map(({ edge }) => edge)]
        .map((edge) => edge === undefined ? undefined : exchange(edge, raw.bytes + next, raw.answer)))
      for (const [index, { http2, checkNext }] of gateways.entries()) {
        const seen = ofGateways[index]!
        const told = outcome(seen, raw)
        assert.ok(isExpected(told, raw.gateway), `the gateway (HTTP2=${http2}): ${told}\nexpected: ${raw.gateway}`)
        if (raw.answer === undefined) assertOneMeaning(seen)
        assertContractErrors(seen)
        checkNext(seen)
        if (ofNginx !== undefined) compare(raw, seen, ofNginx)
      }
    })
  }
}

function compare (raw: RawCase, ofGateway: Seen, ofNginx: Seen): void {
  const [gateway, nginx] = [outcome(ofGateway, raw), outcome(ofNginx, raw)]
  assert.equal(nginx, raw.nginx, 'what Nginx makes of it')
  assert.equal(areAlike(gateway, nginx), raw.kind === 'agree', `the gateway: ${gateway}\nNginx: ${nginx}`)
  const passesMore = passed(ofGateway) > passed(ofNginx)
  assert.equal(passesMore, raw.kind === 'harmless', `the gateway passes on ${passesMore ? 'more' : 'no more'} than Nginx`)
}

/** How many requests an edge passed on of a case's own, well-formed or not. */
function passed ({ requests, violations }: Seen): number {
  return requests.filter(({ target }) => target !== '/next').length + violations.length
}

test('no case met an error of the gateway’s own, or ended it', () => {
  for (const { process } of gateways) {
    assert.equal(process.child.exitCode, null)
    assert.doesNotMatch(process.output(), /internal error/)
  }
})
