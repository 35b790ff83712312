import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memory } from '@tensorflow/tfjs-core'
import { createClassifier } from '../../src/inference/classifier.ts'
import type { BackendName } from '../../src/model/backend.ts'
import { load } from '../helper.ts'
import { expected, flowers, signatureOf, writeModel } from '../model-folder.ts'

const rows = Array.from({ length: 200 }, (_, i) => [4 + i % 40 / 10, 2 + i % 25 / 10, 1 + i % 60 / 10, i % 26 / 10])

for (const backend of ['cpu', 'wasm'] satisfies BackendName[]) {
  test(`${backend}: probabilities are those of double-precision arithmetic`, async (t) => {
    const model = await load(t, await writeModel(t, flowers), backend)
    for (const [i, answer] of model.classify(rows).entries()) {
      const { label, probabilities } = expected(flowers, rows[i]!)
      const [first, second] = [...probabilities].sort((a, b) => b - a)
      // Rounding decides a tie.
      if (first! - second! > 1e-5) assert.equal(answer?.label, label)
      for (const [k, probability] of probabilities.entries()) assert.ok(Math.abs(answer!.probabilities[k]! - probability) < 1e-5)
    }
  })

  test(`${backend}: a row that overflows has no label and spoils no other`, async (t) => {
    const model = await load(t, await writeModel(t, flowers), backend)
    const good = rows.slice(0, 3)
    // The last one drives a single logit to minus infinity: after softmax that would look like a sure answer.
    const bad = [[1e39, 0, 0, 0], [3e38, 3e38, 3e38, 3e38], [NaN, 0, 0, 0], [0, -Infinity, 0, 0], [0, 0, 1.8e38, 0]]
    const answers = model.classify([...good, ...bad, ...good])
    assert.deepEqual(answers.slice(3, 8), bad.map(() => undefined))
    assert.deepEqual(answers.slice(8), answers.slice(0, 3))
    assert.deepEqual(answers.slice(0, 3), model.classify(good))
  })

  test(`${backend}: 1,000 predictions leave no tensor behind`, async (t) => {
    const model = await load(t, await writeModel(t, flowers), backend)
    const { numTensors } = memory()
    for (let i = 0; i < 1000; i++) model.classify([rows[i % rows.length]!])
    assert.equal(memory().numTensors, numTensors)
  })
}

/** A network that gives each row's first three numbers back, and notes what it was given. */
function echo () {
  const batches: number[][] = []
  const run = (batch: Float32Array, count: number) => {
    batches.push([...batch])
    return Float32Array.from({ length: count * 3 }, (_, i) => batch[Math.floor(i / 3) * 4 + i % 3]!)
  }
  return { batches, network: { scores: 'logits' as const, run, dispose: () => undefined } }
}

test('many rows are one execution', () => {
  const { batches, network } = echo()
  const answers = createClassifier(network, signatureOf(flowers)).classify([[9, 1, 1, 0], [1, 9, 1, 0], [1, 1, 9, 0]])
  assert.deepEqual(batches, [[9, 1, 1, 0, 1, 9, 1, 0, 1, 1, 9, 0]])
  assert.deepEqual(answers.map((answer) => answer?.label), flowers.labels)
})

test('a row that 32 bits cannot hold has no label, whatever the network would make of it', () => {
  const { batches, network } = echo()
  const answers = createClassifier(network, signatureOf(flowers)).classify([[9, 1, 1, 0], [1, 1, 1, 1e39]])
  assert.deepEqual(batches, [[9, 1, 1, 0, 0, 0, 0, 0]])
  assert.deepEqual(answers.map((answer) => answer?.label), [flowers.labels[0], undefined])
})
