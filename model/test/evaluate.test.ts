import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CANDIDATES } from '../src/candidates.ts'
import { loadIris } from '../src/dataset.ts'
import { choose, evaluate } from '../src/evaluate.ts'
import { toJson } from '../src/written-numbers.ts'
import type { CandidateScores } from '../src/cross-validation.ts'

const iris = loadIris()
// Small enough for a test run; the published protocol is the training's.
const protocol = { folds: 2, repeats: 2, seed: 1936 }

test('evaluation is deterministic, progress is told for every candidate', () => {
  const told: string[] = []
  const first = evaluate(iris, CANDIDATES, protocol, ({ name }, done) => told.push(`${name} ${done}`))
  assert.equal(toJson(evaluate(iris, CANDIDATES, protocol)), toJson(first))
  assert.deepEqual(told, CANDIDATES.flatMap(({ name }) => [`${name} 1`, `${name} 2`]))
})

test('the three required candidates are compared, each better than always naming the commonest', () => {
  const { candidates } = evaluate(iris, CANDIDATES, protocol)
  assert.deepEqual(candidates.map(({ name }) => name), ['softmax-regression', 'dense-network', 'linear-discriminant-analysis'])
  for (const { accuracy, logLoss } of candidates) assert.ok(accuracy.mean > 0.9 && logLoss.mean < 0.4)
})

test('the lowest log-loss wins, even with less accuracy; of equals the first', () => {
  const scored = (name: string, loss: number, accuracy: number) =>
    ({ name, logLoss: { mean: loss }, accuracy: { mean: accuracy } }) as CandidateScores
  assert.equal(choose([scored('a', 0.3, 0.9), scored('b', 0.1, 0.8), scored('c', 0.1, 0.9)]).name, 'b')
})

test('the chosen one exceeds itself by nothing, and the reason names the others', () => {
  const { candidates, chosen } = evaluate(iris, CANDIDATES, protocol)
  for (const { name, title, logLossAboveChosen: { mean, interval } } of candidates) {
    if (name === chosen.name) assert.deepEqual({ mean, interval }, { mean: 0, interval: [0, 0] })
    else assert.ok(mean > 0 && chosen.reason.includes(title))
  }
})
