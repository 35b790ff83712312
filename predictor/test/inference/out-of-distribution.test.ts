import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { outOfDistribution } from '../../src/inference/out-of-distribution.ts'
import type { Signature } from '../../src/schemas/signature.ts'

const artifact = createRequire(import.meta.url).resolve('@model-edge/model/artifact/iris/1/signature.json')
const shipped = JSON.parse(readFileSync(artifact, 'utf8')) as Signature

const twoClasses = {
  rows: 20,
  mean: [5, 0],
  standardDeviation: [5, 1],
  classes: [{ label: 'a', rows: 10, mean: [0, 0] }, { label: 'b', rows: 10, mean: [10, 0] }],
  // Of a covariance with variances 4/3 and correlation -1/2.
  precision: [[1, 0.5], [0.5, 1]],
  maximumDistance: 4
}

test('a row is outside when it is far from every class, as the covariance measures', () => {
  const isOutside = outOfDistribution(twoClasses)
  for (const [row, outside] of [
    [[0, 0], false], [[10, 0], false], [[5, 0], true],
    // 2² and no more.
    [[2, 0], false], [[2.01, 0], true],
    // Along the correlation 1.5² − 1.5² + 1.5²; against it 3 · 1.5².
    [[1.5, -1.5], false], [[1.5, 1.5], true],
    [[8, 0], false], [[10, -2], false], [[10, 2.01], true]
  ] as const) {
    for (const likely of ['a', 'b', 'neither']) assert.equal(isOutside(row, likely), outside, `${row} ${likely}`)
  }
})

test('of the model that ships: its golden rows are inside; nonsense, and distances past all numbers, are outside', () => {
  const isOutside = outOfDistribution(shipped.training)
  for (const { input, label } of shipped.golden) assert.equal(isOutside(input, label), false)
  for (const row of [[50, 3, 1, 0.2], [5.1, 3.5, 1.4, -20], [0, 0, 0, 0], [1e200, -1e200, 1e200, 1e200]]) {
    assert.equal(isOutside(row, 'Iris-setosa'), true)
  }
})
