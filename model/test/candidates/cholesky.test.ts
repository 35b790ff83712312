import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cholesky, inverse, solve } from '../../src/candidates/cholesky.ts'

// A textbook matrix with a whole-numbered factor.
const matrix = [[4, 12, -16], [12, 37, -43], [-16, -43, 98]]

test('the factor is the known lower triangle', () => {
  assert.deepEqual(cholesky(matrix), [[2, 0, 0], [6, 1, 0], [-8, 5, 3]])
})

test('the solution satisfies the equations', () => {
  // The matrix times (1, 2, 3) is (−20, −43, 192).
  solve(cholesky(matrix), [-20, -43, 192]).forEach((value, i) => assert.ok(Math.abs(value - (i + 1)) < 1e-9))
})

test('matrix times inverse is the identity', () => {
  const inverted = inverse(cholesky(matrix))
  matrix.forEach((row, i) => row.forEach((_, j) => {
    const product = row.reduce((sum, value, k) => sum + value * inverted[k]![j]!, 0)
    assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-9)
  }))
})

test('a matrix that is not positive definite is refused', () => {
  assert.throws(() => cholesky([[1, 2], [2, 4]]), /not positive definite/)
  assert.throws(() => cholesky([[Number.NaN]]), /not positive definite/)
})
