import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quote, quoteSetting } from '../src/quote.ts'

test('values are quoted as JSON, long ones cut', () => {
  assert.equal(quote('1.4'), '"1.4"')
  assert.equal(quote([1, null]), '[1,null]')
  assert.equal(quote(undefined), 'nothing')
  assert.equal(quote('x'.repeat(500)).length, 81)
})

test('a number that JSON cannot write is named', () => {
  assert.equal(quote(Infinity), 'a number beyond double precision')
})

test('nesting too deep to write back is named', () => {
  const deep = (open: string, close: string) => JSON.parse(open.repeat(200_000) + '1' + close.repeat(200_000))
  assert.equal(quote(deep('[', ']')), 'a deeply nested list')
  assert.equal(quote(deep('{"a":', '}')), 'a deeply nested object')
})

test('what looks like a secret is not repeated', () => {
  for (const secret of ['https://user:pass@host/', 'https://hooks.slack.com/services/T0/B0/x', 'sk_live_51H8abcdefGHIJKL', '-----BEGIN PRIVATE KEY-----']) {
    assert.equal(quoteSetting(secret), `a value of ${secret.length} characters, not shown`)
  }
  assert.equal(quoteSetting('tcp://10.0.0.1:8000'), '"tcp://10.0.0.1:8000"')
})
