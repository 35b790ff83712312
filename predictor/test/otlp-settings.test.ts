import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCollector, readHeaders } from '../src/otlp-settings.ts'

test('a collector’s address is http or https, without query or fragment', () => {
  for (const good of ['http://collector:4318', 'https://user:pass@collector/tenant/']) assert.ok(isCollector(good), good)
  for (const bad of ['collector:4318', 'grpc://collector', 'http://', 'http://c/?token=1', 'http://c/#a']) assert.ok(!isCollector(bad), bad)
})

test('headers are pairs, percent-encoded', () => {
  assert.deepEqual(readHeaders(' authorization = Basic%20YTpi, x-tenant=a=b ,x-empty='), {
    authorization: 'Basic YTpi', 'x-tenant': 'a=b', 'x-empty': ''
  })
  assert.deepEqual(readHeaders(''), {})
  for (const bad of ['text', '=text', 'a b=text', 'a=%zz', 'a=text%0d%0ab', 'a=text,,b=1']) assert.equal(readHeaders(bad), undefined, bad)
})
