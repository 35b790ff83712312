import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, groupDuplicates, loadIris, parseDataset, rowsOfClass, subset } from '../src/dataset.ts'

const iris = loadIris()

test('Iris has 150 rows, 50 a species, four features', () => {
  assert.deepEqual(iris.featureNames, ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'])
  assert.deepEqual(iris.labels, ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica'])
  assert.equal(iris.rows.length, 150)
  for (const label of [0, 1, 2]) assert.equal(iris.classes.filter((other) => other === label).length, 50)
})

test('rows 35 and 38 are Fisher\'s, not the deviating ones of the UCI copy', () => {
  assert.deepEqual(iris.rows[34], [4.9, 3.1, 1.5, 0.2])
  assert.deepEqual(iris.rows[37], [4.9, 3.6, 1.4, 0.1])
})

test('class means and deviations are those that Fisher\'s table gives', () => {
  const known = [
    { mean: [5.006, 3.428, 1.462, 0.246], standardDeviation: [0.3525, 0.3791, 0.1737, 0.1054] },
    { mean: [5.936, 2.770, 4.260, 1.326], standardDeviation: [0.5162, 0.3138, 0.4699, 0.1978] },
    { mean: [6.588, 2.974, 5.552, 2.026], standardDeviation: [0.6359, 0.3225, 0.5519, 0.2747] }
  ]
  known.forEach(({ mean, standardDeviation }, label) => {
    const actual = describe(rowsOfClass(iris, label))
    assert.deepEqual(actual.mean.map((value) => Number(value.toFixed(3))), mean)
    assert.deepEqual(actual.standardDeviation.map((value) => Number(value.toFixed(4))), standardDeviation)
  })
})

test('the only equal rows are 102 and 143', () => {
  assert.deepEqual(groupDuplicates(iris).filter((group) => group.length > 1), [[101, 142]])
  assert.equal(groupDuplicates(iris).flat().length, 150)
})

test('equal measurements of different species are no duplicates', () => {
  assert.deepEqual(groupDuplicates(parseDataset('x,species\n1,a\n1,b\n1,a')), [[0, 2], [1]])
})

test('a description holds mean, deviation with divisor n − 1, and range', () => {
  assert.deepEqual(describe([[1, 5], [2, 5], [3, 5]]), {
    rows: 3, mean: [2, 5], standardDeviation: [1, 0], minimum: [1, 5], maximum: [3, 5]
  })
})

test('a subset keeps the labels\' numbers', () => {
  const two = subset(iris, [149, 0])
  assert.deepEqual(two.classes, [2, 0])
  assert.deepEqual(two.rows, [[5.9, 3.0, 5.1, 1.8], [5.1, 3.5, 1.4, 0.2]])
})

test('a broken line is refused by its number', () => {
  for (const line of ['5.1,3.5,1.4,Iris-setosa', '5.1,3.5,1.4,,Iris-setosa', '5.1,3.5,x,0.2,Iris-setosa', '5.1,3.5,1.4,0.2,',
    '5.1,3.5,1.4,0.2,1,Iris-setosa', '1e999,3.5,1.4,0.2,Iris-setosa', '']) {
    const text = `a,b,c,d,species\n1,2,3,4,Iris-setosa\n${line}\n1,2,3,4,Iris-setosa\n`
    assert.throws(() => parseDataset(text), /^Error: line 3: expected 4 numbers and a label/, line)
  }
})
