import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSinglePrecision, predict } from '../src/candidates/dense-layers.ts'
import { fitDiscriminantAnalysis } from '../src/candidates/discriminant-analysis.ts'
import { loadIris } from '../src/dataset.ts'
import { buildSignature } from '../src/signature.ts'

const iris = loadIris()
const model = inSinglePrecision(fitDiscriminantAnalysis(iris))
const signature = buildSignature(iris, model, 'Linear discriminant analysis')

test('inputs carry the training range and an example, in the data\'s order', () => {
  assert.deepEqual(signature.inputs, [
    { name: 'sepal_length', unit: 'cm', minimum: 4.3, maximum: 7.9, example: 5.1 },
    { name: 'sepal_width', unit: 'cm', minimum: 2.0, maximum: 4.4, example: 3.5 },
    { name: 'petal_length', unit: 'cm', minimum: 1.0, maximum: 6.9, example: 1.4 },
    { name: 'petal_width', unit: 'cm', minimum: 0.1, maximum: 2.5, example: 0.2 }
  ])
})

test('golden examples cover every label, and some are hard', () => {
  assert.ok(signature.golden.length >= 6)
  assert.deepEqual(new Set(signature.golden.map(({ label }) => label)), new Set(iris.labels))
  const hard = signature.golden.filter(({ probabilities }) => Math.max(...probabilities) < 0.85)
  assert.ok(hard.length >= 5)
})

test('a golden label is the likeliest by far more than a backend may deviate', () => {
  for (const { label, probabilities, input } of signature.golden) {
    const [first, second] = [...probabilities].sort((a, b) => b - a)
    assert.equal(probabilities[iris.labels.indexOf(label)], first)
    assert.ok(first! - second! > 0.01, `${input}`)
    predict(model, input).forEach((value, k) => assert.ok(Math.abs(value - probabilities[k]!) < 1e-6))
  }
})

test('precision times the pooled covariance is the identity', () => {
  const { precision, classes } = signature.training
  const covariance = precision.map((_, a) => precision.map((_, b) => iris.rows.reduce((sum, row, i) => {
    const { mean } = classes[iris.classes[i]!]!
    return sum + (row[a]! - mean[a]!) * (row[b]! - mean[b]!) / 147
  }, 0)))
  precision.forEach((row, a) => row.forEach((_, b) => {
    const product = row.reduce((sum, value, k) => sum + value * covariance[k]![b]!, 0)
    assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-5)
  }))
})

test('the largest distance is reached by a training row and exceeded by none', () => {
  const { precision, classes, maximumDistance } = signature.training
  const nearest = iris.rows.map((row) => Math.min(...classes.map(({ mean }) => {
    const d = row.map((value, i) => value - mean[i]!)
    return d.reduce((sum, x, a) => sum + x * d.reduce((part, y, b) => part + precision[a]![b]! * y, 0), 0)
  })))
  assert.ok(Math.max(...nearest) <= maximumDistance)
  assert.ok(maximumDistance - Math.max(...nearest) < 2e-6)
})
