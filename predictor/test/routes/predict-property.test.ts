import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { predict, predictor } from '../helper.ts'
import { flowers } from '../model-folder.ts'

test('any JSON value for the field gives a label or a refusal in the contract\'s words, and nothing else', async (t) => {
  const { app } = await predictor(t)
  const rows = fc.array(fc.oneof(fc.double(), fc.integer(), fc.jsonValue()), { minLength: 3, maxLength: 5 })
  await fc.assert(fc.asyncProperty(fc.oneof(fc.jsonValue(), rows), async (value) => {
    const response = await predict(app, JSON.stringify({ iris_dimensions: value }))
    const answer = response.json()
    if (response.statusCode === 200) {
      assert.deepEqual(Object.keys(answer), ['iris_type'])
      assert.ok(flowers.labels.includes(answer.iris_type))
      assert.ok(Array.isArray(value) && value.length === 4 && value.every((entry) => typeof entry === 'number'))
    } else {
      assert.equal(response.statusCode, 400)
      assert.deepEqual(Object.keys(answer), ['error', 'code', 'requestId'])
      assert.equal(answer.code, 'INVALID_INPUT')
      assert.match(answer.error, /iris_dimensions/)
    }
  }), { numRuns: 1000 })
})

test('four finite numbers of ordinary size always get a label', async (t) => {
  const { app } = await predictor(t)
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  await fc.assert(fc.asyncProperty(fc.tuple(number, number, number, number), async (row) => {
    const response = await predict(app, JSON.stringify({ iris_dimensions: row }))
    assert.equal(response.statusCode, 200)
  }), { numRuns: 300 })
})
