/** Numbers uniform in [0, 1). */
export type Random = () => number

/**
 * A reproducible stream of numbers: xorshift32 (Marsaglia, "Xorshift RNGs", 2003). Integer arithmetic only, so every
 * engine gives the same stream.
 * @param seed a positive integer below 2³²
 */
export function seededRandom (seed: number): Random {
  // Spreads small seeds over all 32 bits; the factor is odd, so no seed but 0 becomes 0, xorshift's only fixed point.
  let state = Math.imul(seed, 0x9e3779b1)
  if (state === 0) throw new Error(`the seed must be a positive integer below 2³², got ${seed}`)
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x100000000
  }
}

/** A copy of the list in random order (Fisher and Yates). */
export function shuffled<Item> (items: Item[], random: Random): Item[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const item = copy[last]!
    copy[last] = copy[other]!
    copy[other] = item
  }
  return copy
}
