/**
 * Six decimals: more than any figure here means, and few enough that a last-bit difference between engines' exponential or
 * logarithm does not reach the files, which are compared byte for byte.
 */
export function sixDecimals (value: number): number {
  return Number(value.toFixed(6))
}

/** Pretty JSON with six decimals a number, lists of numbers on one line each, and a final newline. */
export function toJson (value: unknown): string {
  const text = JSON.stringify(value, (_, part) => typeof part === 'number' ? sixDecimals(part) : part, 2)
  return text.replace(/\[[-\d.,e\s]+\]/g, (list) => list.replace(/\s+/g, '').replaceAll(',', ', ')) + '\n'
}
