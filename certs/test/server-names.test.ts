import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDnsName, localNames } from '../src/server-names.ts'

test('DNS names', () => {
  for (const name of ['localhost', 'a', 'my-laptop', 'Box.Example.COM', 'x1.lan', '3com.example', 'a'.repeat(63)]) {
    assert.ok(isDnsName(name), name)
  }
})

test('no DNS names', () => {
  const long = Array.from({ length: 64 }, () => 'abc').join('.')
  for (const name of [
    '', '.', 'a..b', 'a.', '-a', 'a-', 'my_laptop', 'my laptop', 'küche', '*.example', 'a,DNS:b', '10.0.0.1', '::1', '1234',
    'box.12', 'a'.repeat(64), long
  ]) {
    assert.ok(!isDnsName(name), name)
  }
})

test('the names of a machine are localhost, the loopback addresses and its host name, each once', () => {
  assert.deepEqual(localNames('Laptop.local'), { dns: ['localhost', 'laptop.local'], ip: ['127.0.0.1', '::1'] })
  assert.deepEqual(localNames('localhost').dns, ['localhost'])
  assert.deepEqual(localNames('no_name').dns, ['localhost'])
})
