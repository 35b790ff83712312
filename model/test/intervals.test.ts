import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootstrapInterval, wilsonInterval } from '../src/intervals.ts'

test('the Wilson interval of 147 in 150 is the one that SciPy\'s binomtest gives', () => {
  const [low, high] = wilsonInterval(147 / 150, 150)
  assert.equal(low.toFixed(4), '0.9429')
  assert.equal(high.toFixed(4), '0.9932')
})

test('the ends of a Wilson interval are the shares whose score test sits at 1.96', () => {
  for (const [share, n] of [[0.98, 150], [0.5, 10], [0.3, 1000]] as const) {
    for (const end of wilsonInterval(share, n)) {
      assert.ok(Math.abs(Math.abs(share - end) / Math.sqrt(end * (1 - end) / n) - 1.959964) < 1e-5)
    }
  }
})

test('a Wilson interval stays between 0 and 1', () => {
  assert.ok(wilsonInterval(1, 150)[1] <= 1)
  assert.ok(wilsonInterval(1, 150)[0] < 0.98)
  assert.ok(wilsonInterval(0, 150)[0] >= 0)
})

test('the bootstrap interval of many ordinary values is mean ± 1.96 standard errors', () => {
  const values = Array.from({ length: 400 }, (_, i) => i % 2)
  const [low, high] = bootstrapInterval(values, 1936)
  const half = 1.96 * 0.5 / Math.sqrt(400)
  assert.ok(Math.abs(low - (0.5 - half)) < 0.004, `${low}`)
  assert.ok(Math.abs(high - (0.5 + half)) < 0.004, `${high}`)
})

test('a seed gives the same bootstrap interval again', () => {
  const values = [0.1, 0.5, 0.2, 0.9]
  assert.deepEqual(bootstrapInterval(values, 5), bootstrapInterval(values, 5))
})
