import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostLikely, predict } from '../../src/candidates/dense-layers.ts'
import { fitNetwork, type NetworkSettings } from '../../src/candidates/gradient-descent.ts'
import { describe, loadIris, parseDataset, type Dataset } from '../../src/dataset.ts'

const iris = loadIris()
const settings: NetworkSettings = { hidden: [], epochs: 300, learningRate: 0.1, ridge: 0.01, seed: 1 }

test('softmax regression ends where its objective is flat', () => {
  const [layer] = fitNetwork(iris, { ...settings, epochs: 1500 })
  const { standardDeviation } = describe(iris.rows)
  const errors = iris.rows.map((row, i) => predict([layer!], row).map((p, k) => p - (iris.classes[i] === k ? 1 : 0)))
  for (let feature = 0; feature < 4; feature++) {
    for (let unit = 0; unit < 3; unit++) {
      const scale = standardDeviation[feature]!
      const slope = iris.rows.reduce((sum, row, i) => sum + row[feature]! / scale * errors[i]![unit]! / 150, 0) +
        settings.ridge * layer!.kernel[feature]![unit]! * scale
      assert.ok(Math.abs(slope) < 1e-3, `feature ${feature}, unit ${unit}: ${slope}`)
    }
  }
})

test('a hidden layer solves what no linear model can', () => {
  const corners = parseDataset('x,y,species\n0,0,same\n0,1,other\n1,0,other\n1,1,same')
  const right = (hidden: number[]) => {
    const model = fitNetwork(corners, { ...settings, hidden, ridge: 0 })
    return corners.rows.filter((row, i) => mostLikely(predict(model, row)) === corners.classes[i]).length
  }
  assert.equal(right([8]), 4)
  assert.ok(right([]) < 4)
})

test('units of measurement do not matter', () => {
  const millimetres: Dataset = { ...iris, rows: iris.rows.map((row) => row.map((value) => value * 10)) }
  const model = fitNetwork(iris, { ...settings, epochs: 50, hidden: [4] })
  const other = fitNetwork(millimetres, { ...settings, epochs: 50, hidden: [4] })
  iris.rows.forEach((row, i) => predict(model, row).forEach((p, k) =>
    assert.ok(Math.abs(p - predict(other, millimetres.rows[i]!)[k]!) < 1e-9)))
})

test('a seed gives the same network again, another seed another', () => {
  const fit = (seed: number) => fitNetwork(iris, { ...settings, hidden: [4], epochs: 20, seed })
  assert.deepEqual(fit(1), fit(1))
  assert.notDeepEqual(fit(1), fit(2))
})
