import { spreadOf } from '../statistics.ts'
import type { Spread } from '../statistics.ts'

/** One quantity, measured at several servers. */
export interface Figure {
  id: string
  title: string
  unit: string
  /** Digits after the point that are worth reading. */
  digits: number
  /** By server: a peer's id, or `predictor`. */
  of: Record<string, Spread>
}

export type Quantity = Omit<Figure, 'of'>

/** One value of one quantity at one server, from one round. */
export interface Sample {
  quantity: Quantity
  server: string
  value: number
}

/** Measures once; the same server's values of one quantity come in the order of the rounds. */
export type Measurement = () => Promise<Sample[]>

/** Measurements that are compared with each other: in every round one directly after another, in turn each first. */
export type Comparison = Measurement[]

/** Runs every comparison in every round. @param progress told what goes on, for people who wait */
export async function runRounds (rounds: number, comparisons: Comparison[], progress: (line: string) => void): Promise<Figure[]> {
  const samples: Sample[] = []
  for (let round = 0; round < rounds; round++) {
    for (const [index, comparison] of comparisons.entries()) {
      progress(`round ${round + 1} of ${rounds}, comparison ${index + 1} of ${comparisons.length}`)
      const first = round % comparison.length
      for (const measure of [...comparison.slice(first), ...comparison.slice(0, first)]) samples.push(...await measure())
    }
  }
  return figuresOf(samples)
}

function figuresOf (samples: Sample[]): Figure[] {
  const quantities = new Map(samples.map(({ quantity }) => [quantity.id, quantity]))
  return [...quantities.values()].map((quantity) => {
    const ours = samples.filter(({ quantity: { id } }) => id === quantity.id)
    const servers = [...new Set(ours.map(({ server }) => server))]
    const valuesOf = (server: string) => ours.filter((sample) => sample.server === server).map(({ value }) => value)
    return { ...quantity, of: Object.fromEntries(servers.map((server) => [server, spreadOf(valuesOf(server))])) }
  })
}
