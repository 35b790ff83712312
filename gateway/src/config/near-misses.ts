/**
 * Names of the environment that are almost, but not quite, one of the known ones: at most two edits away, a swap of
 * neighbours counting as one (optimal string alignment distance). A misspelt variable would otherwise do nothing, silently.
 */
export function nearMisses (environment: string[], known: string[]): { name: string, meant: string }[] {
  return environment
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => editDistance(name.toUpperCase(), candidate) <= 2)
      return meant === undefined ? [] : [{ name, meant }]
    })
}

function editDistance (a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, beforeLast[j - 2]! + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
