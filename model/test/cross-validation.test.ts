import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crossValidate, excessLogLoss, score } from '../src/cross-validation.ts'
import { loadIris, parseDataset, type Dataset } from '../src/dataset.ts'
import type { Candidate } from '../src/candidates.ts'
import type { DenseModel } from '../src/candidates/dense-layers.ts'

const iris = loadIris()
const protocol = { folds: 10, repeats: 2, seed: 1936 }

/** A model that gives every row the same probabilities. */
function constant (probabilities: number[], inputs: number): DenseModel {
  return [{
    kernel: Array.from({ length: inputs }, () => probabilities.map(() => 0)), bias: probabilities.map(Math.log), activation: 'softmax'
  }]
}

function candidate (fit: Candidate['fit']): Candidate {
  return { name: 'spy', title: 'Spy', description: '', fit }
}

test('no row is predicted by a model that saw it or its twin', () => {
  // Each model remembers, in its probabilities, whether it saw row 102 or 143; both must be unseen where they are predicted.
  const has = (dataset: Dataset, row: number[]) => dataset.rows.some((other) => other.join() === row.join())
  for (const index of [0, 77, 101, 142]) {
    const spy = candidate((training) => constant(has(training, iris.rows[index]!) ? [0.9, 0.05, 0.05] : [0.05, 0.9, 0.05], 4))
    for (const table of crossValidate(iris, spy, protocol)) {
      assert.ok(Math.abs(table[index]![1]! - 0.9) < 1e-12)
      assert.ok(table.some((row) => row[0]! > 0.8))
    }
  }
})

test('every model is fitted on nine tenths of the data, and progress is told once a repeat', () => {
  const sizes: number[] = []
  const told: number[] = []
  const spy = candidate((training) => {
    sizes.push(training.rows.length)
    return constant([0.4, 0.3, 0.3], 4)
  })
  crossValidate(iris, spy, protocol, (done) => told.push(done))
  assert.deepEqual(sizes, new Array(20).fill(135))
  assert.deepEqual(told, [1, 2])
})

test('scores are means over repeats with their spread', () => {
  const two = parseDataset('x,species\n1,a\n2,b')
  const scores = score(two, candidate(() => []), [[[0.5, 0.5], [0.5, 0.5]], [[0.75, 0.25], [0.25, 0.75]]], 1)
  assert.equal(scores.accuracy.mean, 0.75)
  assert.equal(scores.accuracy.minimum, 0.5)
  assert.equal(scores.accuracy.maximum, 1)
  assert.ok(Math.abs(scores.accuracy.standardDeviation - Math.SQRT1_2 / 2) < 1e-12)
  assert.ok(Math.abs(scores.logLoss.mean - (Math.log(2) + Math.log(4 / 3)) / 2) < 1e-12)
})

test('the excess compares flower by flower: a constant difference has no width', () => {
  const better = [iris.rows.map((_, i) => [0, 1, 2].map((k) => k === iris.classes[i] ? 0.8 : 0.1))]
  const worse = [iris.rows.map((_, i) => [0, 1, 2].map((k) => k === iris.classes[i] ? 0.4 : 0.3))]
  const { mean, interval } = excessLogLoss(iris, worse, better, 1)
  for (const value of [mean, ...interval]) assert.ok(Math.abs(value - Math.LN2) < 1e-9)
})
