import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadIris, parseDataset } from '../src/dataset.ts'
import { partitions, PROTOCOL, stratifiedFolds } from '../src/folds.ts'
import { seededRandom } from '../src/random.ts'

const iris = loadIris()
const published = partitions(iris, PROTOCOL)

test('the published protocol is 10 folds × 20 repeats', () => {
  assert.equal(PROTOCOL.folds, 10)
  assert.equal(published.length, 20)
})

test('every fold of every repeat holds five flowers of each species', () => {
  for (const foldOfRow of published) {
    for (let fold = 0; fold < 10; fold++) {
      const counts = [0, 0, 0]
      foldOfRow.forEach((other, row) => { if (other === fold) counts[iris.classes[row]!]! += 1 })
      assert.deepEqual(counts, [5, 5, 5])
    }
  }
})

test('the equal rows 102 and 143 share a fold in every repeat', () => {
  for (const foldOfRow of published) assert.equal(foldOfRow[101], foldOfRow[142])
})

test('repeats differ', () => {
  assert.equal(new Set(published.map((foldOfRow) => foldOfRow.join())).size, 20)
})

test('a seed gives the same folds again, another seed others', () => {
  assert.deepEqual(partitions(iris, PROTOCOL), published)
  assert.notDeepEqual(partitions(iris, { ...PROTOCOL, seed: PROTOCOL.seed + 1 }), published)
})

test('classes that do not divide evenly differ by one row at most between folds', () => {
  const text = `x,species\n${Array.from({ length: 11 }, (_, i) => `${i},${i < 7 ? 'a' : 'b'}`).join('\n')}`
  const dataset = parseDataset(text)
  const foldOfRow = stratifiedFolds(dataset, 3, seededRandom(1))
  const sizes = (label: number) => [0, 1, 2].map((fold) =>
    foldOfRow.filter((other, row) => other === fold && dataset.classes[row] === label).length).sort()
  assert.deepEqual(sizes(0), [2, 2, 3])
  assert.deepEqual(sizes(1), [1, 1, 2])
})
