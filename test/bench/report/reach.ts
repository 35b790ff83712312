import type { Figure } from '../figures/figure.ts'
import { ratios, spreadOf } from '../statistics.ts'
import type { Spread } from '../statistics.ts'

/** What is to be reached: a figure of one server, or its ratio to another's, at least or at most so much. */
export interface Goal {
  figure: string
  server: string
  to?: string
  atLeast?: number
  atMost?: number
}

export const goals: Goal[] = [
  ...['requests-32', 'requests-128'].flatMap((figure): Goal[] => [
    { figure, server: 'gateway', to: 'nginx', atLeast: 1.5 },
    { figure, server: 'gateway', to: 'flask', atLeast: 6 },
    { figure, server: 'gateway', to: 'flask-tuned', atLeast: 4 }
  ]),
  { figure: 'p99', server: 'gateway', to: 'nginx', atMost: 1 },
  { figure: 'p99-bursts', server: 'gateway', to: 'nginx', atMost: 1 },
  { figure: 'added', server: 'gateway', to: 'nginx', atMost: 1.5 },
  { figure: 'handshakes', server: 'gateway', to: 'nginx-worker', atLeast: 0.6 },
  { figure: 'rows', server: 'gateway', atLeast: 150_000 },
  { figure: 'memory', server: 'gateway', atMost: 120 },
  { figure: 'memory', server: 'predictor', atMost: 160 },
  { figure: 'ready', server: 'gateway', atMost: 0.8 },
  { figure: 'ready', server: 'predictor', atMost: 1.2 }
]

export interface Reached extends Goal {
  measured: Spread
  met: boolean
}

/** The goals whose figures were measured, each with what came of it: met is what the median meets. */
export function reached (figures: Figure[]): Reached[] {
  return goals.flatMap((goal) => {
    const of = figures.find(({ id }) => id === goal.figure)?.of
    const ours = of?.[goal.server]
    const theirs = goal.to === undefined ? undefined : of?.[goal.to]
    if (ours === undefined || (goal.to !== undefined && theirs === undefined)) return []
    const measured = theirs === undefined ? spreadOf(ours.rounds) : ratios(ours, theirs)
    return [{ ...goal, measured, met: measured.median >= (goal.atLeast ?? -Infinity) && measured.median <= (goal.atMost ?? Infinity) }]
  })
}
