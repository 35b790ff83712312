import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import Fastify from 'fastify'
import { InvalidJsonError } from '../../src/errors.ts'
import { jsonBody, parseJson } from '../../src/http/json-body.ts'

/** An application that answers with what it read. */
function echo (t: TestContext, ours: boolean) {
  const app = Fastify({ onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' })
  if (ours) app.register(jsonBody)
  app.post('/', async ({ body }) => JSON.stringify(body))
  t.after(() => app.close())
  return async (body: Buffer) => {
    const response = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body })
    return { status: response.statusCode, read: response.statusCode === 200 ? response.body : undefined }
  }
}

test('whatever the bytes: they are read as Fastify reads them', async (t) => {
  const [ours, fastifys] = [echo(t, true), echo(t, false)]
  const key = fc.constantFrom('__proto__', 'constructor', 'prototype', 'x')
  const text = fc.oneof(fc.json(), fc.dictionary(key, fc.dictionary(key, fc.jsonValue())).map((value) => JSON.stringify(value)),
    fc.constantFrom('', ' ', '\uFEFF', '\uFEFF{}', ' \uFEFF{}', '{}\n', '{"__proto__":1}', '{"constructor":{"prototype":{}}}'))
  const body = fc.oneof(text.map((given) => Buffer.from(given)), fc.uint8Array({ maxLength: 20 }).map((given) => Buffer.from(given)))
  await fc.assert(fc.asyncProperty(body, async (bytes) => { assert.deepEqual(await ours(bytes), await fastifys(bytes)) }), { numRuns: 500 })
})

test('a byte order mark is not part of the text', () => {
  assert.deepEqual(parseJson('\uFEFF{"a":1}'), { a: 1 })
  assert.ok(parseJson('\uFEFF') instanceof InvalidJsonError)
})

test('stacks are collected as before afterwards', () => {
  const { stackTraceLimit } = Error
  for (const text of ['{}', '{', '']) parseJson(text)
  assert.equal(Error.stackTraceLimit, stackTraceLimit)
})
