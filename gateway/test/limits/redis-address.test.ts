import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redisAddress } from '../../src/limits/redis-address.ts'

test('reads host, port, user, password, database and TLS', () => {
  assert.deepEqual(redisAddress('redis://cache'), { host: 'cache', port: 6379, db: 0 })
  assert.deepEqual(redisAddress('redis://127.0.0.1:7000/3'), { host: '127.0.0.1', port: 7000, db: 3 })
  assert.deepEqual(redisAddress('redis://[::1]:7000/'), { host: '::1', port: 7000, db: 0 })
  assert.deepEqual(redisAddress('rediss://gate:p%40ss%2F%25@cache:6380/1'), {
    host: 'cache', port: 6380, username: 'gate', password: 'p@ss/%', db: 1, tls: {}
  })
  assert.deepEqual(redisAddress('redis://:secret@cache'), { host: 'cache', port: 6379, password: 'secret', db: 0 })
})

test('refuses what is not such a URL with a sentence that repeats nothing of it', () => {
  const urls = ['', 'cache:6379', 'http://:secret@cache', 'redis://', 'redis://:secret@cache/x', 'redis://:secret@cache:99999',
    'redis://:secret%@cache', 'redis://:secret@cache?enableOfflineQueue=true', 'redis://:secret@cache#x', 'redis:secret']
  for (const url of urls) {
    assert.throws(() => redisAddress(url), (error: Error) => {
      assert.match(error.message, /^a Redis URL has the form redis:/, url)
      assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /secret/, url)
      return error instanceof TypeError
    }, url)
  }
})
