import { mean } from './metrics.ts'
import { seededRandom } from './random.ts'

/** Lower and upper end. */
export type Interval = [number, number]

/** The 97.5 % point of the standard normal distribution. */
const Z = 1.959963984540054

/**
 * 95 % interval of a share observed in n trials (Wilson, 1927). Near 1, where accuracy is, it stays honest and inside
 * [0, 1], unlike share ± 2 standard errors.
 */
export function wilsonInterval (share: number, n: number): Interval {
  const middle = share + Z * Z / (2 * n)
  const half = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
  const scale = 1 + Z * Z / n
  // The ends of a share of 0 or 1 are exactly that; rounding may put them a last bit outside.
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)]
}

/**
 * 95 % percentile-bootstrap interval of the mean (Efron, 1979): the values are drawn anew, with replacement, 10,000 times;
 * the interval holds the middle 95 % of the means.
 */
export function bootstrapInterval (values: number[], seed: number): Interval {
  const random = seededRandom(seed)
  const means = Array.from({ length: 10_000 }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)]!)))
  means.sort((a, b) => a - b)
  return [means[250]!, means[9749]!]
}
