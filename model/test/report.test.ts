import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fitDiscriminantAnalysis } from '../src/candidates/discriminant-analysis.ts'
import { loadIris } from '../src/dataset.ts'
import { candidatesTable, reportMarkdown } from '../src/report.ts'
import { confusionMatrixPlot } from '../src/report/confusion-matrix.ts'
import { decisionRegionsPlot } from '../src/report/decision-regions.ts'
import type { Evaluation } from '../src/evaluate.ts'

const iris = loadIris()
const committed = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const evaluation = JSON.parse(committed('artifact/iris/1/evaluation.json')) as Evaluation

test('the committed report says what the committed evaluation says', () => {
  assert.equal(committed('report/classification-report.md'), reportMarkdown(evaluation))
})

test('the README\'s figures are those of the committed evaluation', () => {
  assert.ok(committed('README.md').includes(candidatesTable(evaluation)))
})

test('the committed plots are those of the committed model and evaluation', () => {
  assert.equal(evaluation.chosen.name, 'linear-discriminant-analysis')
  assert.equal(committed('report/confusion-matrix.svg'), confusionMatrixPlot(evaluation.report))
  assert.equal(committed('report/decision-regions.svg'),
    decisionRegionsPlot(iris, fitDiscriminantAnalysis(iris), evaluation.report.mistakes))
})

test('the plot shows every flower once, every mistake ringed', () => {
  const plot = decisionRegionsPlot(iris, fitDiscriminantAnalysis(iris), evaluation.report.mistakes)
  const mistakes = evaluation.report.mistakes.length
  // One more marker a species, and one more ring, stand in the legend; mistakes are drawn again on top.
  assert.equal(plot.split('fill-opacity="0.85"').length - 1, 150 + 3 + mistakes)
  assert.equal(plot.split('r="8"').length - 1, mistakes + 1)
})
