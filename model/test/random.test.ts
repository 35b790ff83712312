import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, shuffled } from '../src/random.ts'

test('the stream is a function of the seed', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed))
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
})

test('numbers fill [0, 1) evenly', () => {
  const random = seededRandom(1936)
  const tenths = new Array<number>(10).fill(0)
  for (let i = 0; i < 100_000; i++) tenths[Math.floor(random() * 10)]! += 1
  // Five standard deviations of a fair count are 474.
  for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 474, `${tenths}`)
})

test('a shuffle is a permutation, and every item reaches every place', () => {
  const random = seededRandom(3)
  const seen = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const order = shuffled(['a', 'b', 'c'], random)
    assert.deepEqual([...order].sort(), ['a', 'b', 'c'])
    seen.add(order.join(''))
  }
  assert.equal(seen.size, 6)
})

test('a seed that would stop the generator is refused', () => {
  assert.throws(() => seededRandom(0), /positive integer/)
})
