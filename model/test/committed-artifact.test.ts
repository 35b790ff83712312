import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CANDIDATES } from '../src/candidates.ts'
import { classificationReport } from '../src/classification-report.ts'
import { crossValidate, score } from '../src/cross-validation.ts'
import { loadIris } from '../src/dataset.ts'
import { describeData, type Evaluation } from '../src/evaluate.ts'
import { buildArtifact } from '../src/export.ts'
import { PROTOCOL } from '../src/folds.ts'
import { toJson } from '../src/written-numbers.ts'

const iris = loadIris()
const committed = (name: string) => readFileSync(new URL(`../artifact/iris/1/${name}`, import.meta.url))
const evaluation = JSON.parse(committed('evaluation.json').toString()) as Evaluation
const winner = CANDIDATES.find(({ name }) => name === evaluation.chosen.name)!

test('refitting and exporting the winner gives the committed bytes', async () => {
  const artifact = await buildArtifact(iris, winner.fit(iris), evaluation)
  for (const [name, content] of Object.entries(artifact)) {
    assert.ok(Buffer.from(content).equals(committed(name)), `${name} differs: run \`pnpm train\` and commit what it writes`)
  }
})

test('cross-validating the winner again gives the committed figures', () => {
  const heldOut = crossValidate(iris, winner, PROTOCOL)
  const { logLossAboveChosen, ...figures } = evaluation.candidates.find(({ name }) => name === winner.name)!
  assert.equal(toJson(score(iris, winner, heldOut, PROTOCOL.seed)), toJson(figures))
  assert.deepEqual(logLossAboveChosen, { mean: 0, interval: [0, 0] })
  assert.equal(toJson(classificationReport(iris, heldOut)), toJson(evaluation.report))
})

test('the committed protocol and description are those of the code and the data', () => {
  const { folds, repeats, seed } = evaluation.protocol
  assert.deepEqual({ folds, repeats, seed }, PROTOCOL)
  assert.equal(toJson(evaluation.data), toJson(describeData(iris)))
  assert.deepEqual(evaluation.candidates.map(({ name, title, description }) => ({ name, title, description })),
    CANDIDATES.map(({ name, title, description }) => ({ name, title, description })))
})

test('the winner has the lowest log-loss and is good enough to ship', () => {
  const { accuracy, logLoss } = evaluation.candidates.find(({ name }) => name === evaluation.chosen.name)!
  assert.equal(logLoss.mean, Math.min(...evaluation.candidates.map((candidate) => candidate.logLoss.mean)))
  assert.ok(accuracy.mean >= 0.979)
  assert.ok(logLoss.mean <= 0.07)
})
