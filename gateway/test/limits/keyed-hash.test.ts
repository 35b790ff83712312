import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyedHash } from '../../src/limits/keyed-hash.ts'

function hashOf (text: string, secret: Uint8Array): string {
  const hash = new KeyedHash(secret)
  hash.of(text)
  return [hash.low, hash.high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(' ')
}

/** What the reference implementation (halfsiphash.c, with 1 and 3 rounds) gives for the bytes 0, 1, 2, … under key 0…7. */
const vectors: Record<number, string> = {
  0: '21d0a576 2af72023',
  2: 'e11fee78 32d73c5d',
  4: 'a0db24eb 05ae8c71',
  6: 'c6e065af 02d6f54d',
  8: '31a8cd3d 5f7aec1d',
  14: 'ca15a97d 6b82ec92',
  30: 'd81530ad dd3d8957',
  62: 'e33adf7c 1657deb2'
}

for (const [length, expected] of Object.entries(vectors)) {
  test(`${length} bytes hash as in the reference implementation`, () => {
    const text = Buffer.from(Array.from({ length: Number(length) }, (_, byte) => byte)).toString('utf16le')
    assert.equal(hashOf(text, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)), expected)
  })
}

test('another secret gives another hash, wherever the secret lies in its buffer', () => {
  const secrets = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
  const first = hashOf('203.0.113.7', secrets.subarray(0, 8))
  const second = hashOf('203.0.113.7', secrets.subarray(1, 9))
  assert.notEqual(first, second)
  assert.equal(second, hashOf('203.0.113.7', Uint8Array.of(2, 3, 4, 5, 6, 7, 8, 9)))
})
