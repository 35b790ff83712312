/** What came of the rounds: the middle, and the lowest and highest as the spread. */
export interface Spread {
  median: number
  min: number
  max: number
  rounds: number[]
}

export function spreadOf (rounds: number[]): Spread {
  const sorted = [...rounds].sort((a, b) => a - b)
  const last = sorted.length - 1
  const median = (at(sorted, Math.floor(last / 2)) + at(sorted, Math.ceil(last / 2))) / 2
  return { median, min: at(sorted, 0), max: at(sorted, last), rounds }
}

/** The value that this part of the sorted values does not exceed. */
export function percentile (sorted: number[], part: number): number {
  return at(sorted, Math.ceil(sorted.length * part) - 1)
}

/** Round by round, so that what slows the machine down for a while slows both sides of a ratio down. */
export function ratios (of: Spread, to: Spread): Spread {
  return spreadOf(of.rounds.map((value, round) => value / to.rounds[round]!))
}

const at = (sorted: number[], index: number) => sorted[index]!
