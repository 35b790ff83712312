import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classMetrics, confusionMatrix, hits, logLosses, macroAverage } from '../src/metrics.ts'

// Five rows worked out by hand: row 2 (actual 0) is taken for 1, row 5 (actual 2) for 1.
const classes = [0, 0, 1, 1, 2]
const probabilities = [[0.8, 0.1, 0.1], [0.25, 0.5, 0.25], [0, 1, 0], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]]

test('hits are the rows whose likeliest class is the actual one', () => {
  assert.deepEqual(hits(classes, probabilities), [1, 0, 1, 1, 0])
})

test('log-loss is −ln of the probability of the actual class', () => {
  const expected = [0.2231436, 1.3862944, 0, 0.2231436, 2.3025851]
  logLosses(classes, probabilities).forEach((loss, row) => assert.ok(Math.abs(loss - expected[row]!) < 1e-7))
})

test('a probability of zero costs 34.5, not infinity', () => {
  assert.equal(logLosses([1], [[1, 0]])[0]!.toFixed(1), '34.5')
})

test('the confusion matrix has actual classes as rows', () => {
  assert.deepEqual(confusionMatrix(classes, probabilities, 3), [[1, 1, 0], [0, 2, 0], [0, 1, 0]])
})

test('precision, recall, F1 and support agree with the hand-made table', () => {
  assert.deepEqual(classMetrics([[1, 1, 0], [0, 2, 0], [0, 1, 0]]), [
    { precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
    { precision: 0.5, recall: 1, f1: 2 / 3, support: 2 },
    { precision: 0, recall: 0, f1: 0, support: 1 }
  ])
})

test('the macro average weighs classes equally and adds up support', () => {
  assert.deepEqual(macroAverage([
    { precision: 1, recall: 0.5, f1: 0.25, support: 2 }, { precision: 0.5, recall: 1, f1: 0.75, support: 8 }
  ]), { precision: 0.75, recall: 0.75, f1: 0.5, support: 10 })
})
