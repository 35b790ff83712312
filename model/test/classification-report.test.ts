import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classificationReport } from '../src/classification-report.ts'
import { parseDataset } from '../src/dataset.ts'

const dataset = parseDataset('x,species\n1,a\n2,a\n3,b\n4,c')
const sure = (label: number) => [0, 1, 2].map((k) => k === label ? 0.8 : 0.1)

// Two repeats: row 2 is taken for c, then for b; row 3 is right, then taken for a.
const report = classificationReport(dataset, [[0, 2, 1, 2].map(sure), [0, 1, 0, 2].map(sure)])

test('the confusion matrix is the mean over the repeats', () => {
  assert.deepEqual(report.confusionMatrix, { labels: ['a', 'b', 'c'], flowers: [[1, 0.5, 0.5], [0.5, 0.5, 0], [0, 0, 1]] })
})

test('a class\'s support is its flowers, not its predictions', () => {
  assert.deepEqual(report.classes.map(({ label, support }) => [label, support]), [['a', 2], ['b', 1], ['c', 1]])
  assert.equal(report.macroAverage.support, 4)
})

test('precision and recall come from the mean matrix', () => {
  assert.equal(report.classes[0]!.precision, 1 / 1.5)
  assert.equal(report.classes[0]!.recall, 0.5)
})

test('mistakes name row, labels and how often', () => {
  assert.deepEqual(report.mistakes, [
    { row: 2, input: [2], label: 'a', predicted: 'b', repeats: 2 },
    { row: 3, input: [3], label: 'b', predicted: 'a', repeats: 1 }
  ])
})
