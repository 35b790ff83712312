import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predict } from '../../src/candidates/dense-layers.ts'
import { fitDiscriminantAnalysis } from '../../src/candidates/discriminant-analysis.ts'
import { loadIris, subset, type Dataset } from '../../src/dataset.ts'

const iris = loadIris()

test('the posterior is Bayes\' rule with normal densities of one covariance', () => {
  assertTextbook(iris, 1e-9)
})

test('unequal classes enter as priors', () => {
  assertTextbook(subset(iris, [...Array(120).keys()]), 1e-9)
})

test('equal classes leave no transcendental function in the weights', () => {
  const log = Math.log
  Math.log = (value) => value === 1 ? 0 : assert.fail(`log(${value})`)
  try {
    fitDiscriminantAnalysis(iris)
  } finally {
    Math.log = log
  }
})

test('a class mean is taken for its class', () => {
  const model = fitDiscriminantAnalysis(iris)
  assert.ok(predict(model, [5.006, 3.428, 1.462, 0.246])[0]! > 0.999)
  assert.ok(predict(model, [5.936, 2.770, 4.260, 1.326])[1]! > 0.99)
  assert.ok(predict(model, [6.588, 2.974, 5.552, 2.026])[2]! > 0.99)
})

/** Compares every row's posterior with one that shares no code: explicit densities, covariance inverted by elimination. */
function assertTextbook (dataset: Dataset, tolerance: number): void {
  const model = fitDiscriminantAnalysis(dataset)
  const n = dataset.rows.length
  const members = dataset.labels.map((_, k) => dataset.rows.filter((_, i) => dataset.classes[i] === k))
  const means = members.map((rows) => [0, 1, 2, 3].map((j) => rows.reduce((s, row) => s + row[j]! / rows.length, 0)))
  const covariance = [0, 1, 2, 3].map((a) => [0, 1, 2, 3].map((b) => dataset.rows.reduce((s, row, i) => {
    const mean = means[dataset.classes[i]!]!
    return s + (row[a]! - mean[a]!) * (row[b]! - mean[b]!) / (n - 3)
  }, 0)))
  const inverted = invert(covariance)
  for (const row of dataset.rows) {
    const densities = means.map((mean, k) => {
      const d = row.map((value, j) => value - mean[j]!)
      const distance = d.reduce((s, x, a) => s + d.reduce((t, y, b) => t + x * inverted[a]![b]! * y, 0), 0)
      return members[k]!.length / n * Math.exp(-distance / 2)
    })
    const evidence = densities.reduce((a, b) => a + b)
    predict(model, row).forEach((probability, k) =>
      assert.ok(Math.abs(probability - densities[k]! / evidence) < tolerance, `${row}: ${probability}`))
  }
}

/** Gauss-Jordan elimination; a covariance needs no pivoting. */
function invert (matrix: number[][]): number[][] {
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => i === j ? 1 : 0)])
  work.forEach((pivotRow, i) => {
    const pivot = pivotRow[i]!
    pivotRow.forEach((_, j) => { pivotRow[j]! /= pivot })
    work.forEach((row, k) => {
      const factor = row[i]!
      if (k !== i) row.forEach((_, j) => { row[j]! -= factor * pivotRow[j]! })
    })
  })
  return work.map((row) => row.slice(matrix.length))
}
