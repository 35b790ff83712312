/**
 * Lower triangle L of a symmetric positive definite matrix A = L·Lᵀ. Only +, −, ×, / and √ are used: IEEE 754 fixes their
 * results, so they are the same bits on every engine.
 * @throws Error when the matrix is not positive definite.
 */
export function cholesky (matrix: number[][]): number[][] {
  const lower = matrix.map((row) => row.map(() => 0))
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!
      for (let k = 0; k < j; k++) rest -= lower[i]![k]! * lower[j]![k]!
      if (i === j && !(rest > 0)) throw new Error(`the matrix is not positive definite (pivot ${i} is ${rest})`)
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!
    }
  }
  return lower
}

/** Solves L·Lᵀ·x = b for x. */
export function solve (lower: number[][], b: number[]): number[] {
  const x = [...b]
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!
    x[i]! /= lower[i]![i]!
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!
    x[i]! /= lower[i]![i]!
  }
  return x
}

/** (L·Lᵀ)⁻¹, column by column. */
export function inverse (lower: number[][]): number[][] {
  return lower.map((_, column) => solve(lower, lower.map((_, row) => row === column ? 1 : 0)))
}
