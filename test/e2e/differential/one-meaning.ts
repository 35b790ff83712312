import assert from 'node:assert/strict'
import { isNext, next } from './case.ts'
import { exchange } from './exchange.ts'
import type { Edge, Seen } from './exchange.ts'
import { serialOf } from './outcome.ts'
import { values } from './strict-request.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What holds whatever the bytes were: every request that reached the upstream is one that a strict parser reads in one way
 * only; each of them was answered, in order, and nothing else was answered in the upstream's name. Where one of them
 * changes something, they also arrived in order.
 */
export function assertOneMeaning (seen: Seen): void {
  assert.deepEqual(seen.violations, [], 'what reached the upstream is strict HTTP')
  assert.equal(seen.stray, '', 'nothing but answers reached the client')
  const answered = seen.answers.flatMap((answer) => serialOf(answer) ?? [])
  const arrived = seen.requests.map(({ serial }) => serial)
  assert.deepEqual(answered.toSorted(), arrived.toSorted(), 'each request that reached the upstream was answered')
  // Only requests that change nothing may be on their way at the same time (RFC 9112 §9.3.2).
  const areSafe = seen.requests.every(({ method }) => safeMethods.has(method))
  if (!areSafe) assert.deepEqual(arrived, answered, 'they reached the upstream in the order in which they were sent')
}

/** The gateway's own refusals have the contract's body, and tell of nothing behind it. */
export function assertContractErrors ({ answers }: Seen): void {
  for (const { status, headers, body } of answers) {
    assert.deepEqual(values(headers, 'server'), [])
    if (status < 400 || values(headers, 'x-upstream').length > 0) continue
    // To HEAD only the length of the body is told.
    if (body === '' && Number(values(headers, 'content-length')[0]) > 0) continue
    const { error, code, requestId, ...more } = JSON.parse(body)
    assert.match(error, /^[A-Z].*\.$/)
    assert.match(code, /^[A-Z_]+$/)
    assert.deepEqual([requestId], values(headers, 'x-request-id'))
    assert.deepEqual(more, {})
  }
}

/**
 * Makes the check that nothing of one request is part of another: what follows a case's bytes reaches the upstream exactly as
 * it does alone, and no other request holds anything of it.
 */
export async function nextAlone (edge: Edge): Promise<(seen: Seen) => void> {
  const { requests } = await exchange(edge, next)
  const alone = requests.map(withoutIds)
  assert.equal(alone.length, 1)
  return (seen) => {
    for (const request of seen.requests) {
      if (isNext(request)) assert.equal(withoutIds(request), alone[0])
      else assert.doesNotMatch(request.bytes, /next/i, 'the following request became part of this one')
    }
  }
}

function withoutIds ({ bytes }: { bytes: string }): string {
  return bytes.replace(/^(x-request-id|traceparent): .*$/gim, '$1: …')
}
