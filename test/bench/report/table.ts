import type { Figure } from '../figures/figure.ts'
import { ratios } from '../statistics.ts'
import type { Spread } from '../statistics.ts'
import type { Reached } from './reach.ts'
import type { Results } from './results.ts'

/** The results for people: who and where, every figure, then what was to be reached. */
export function table (results: Results): string {
  const { machine, versions, servers, skipped, answersChecked, generator, rounds, seconds, tls, predictorBackend } = results
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB; ${machine.system}`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', '),
    `${tls.protocol}, ${tls.cipher}, ${tls.group}, ECDSA ${tls.key}; predictor: ${predictorBackend}`,
    `${rounds} rounds of ${seconds} s, ${generator}; ${grouped(answersChecked)} answers checked, all right`,
    ...skipped.map((reason) => `skipped: ${reason}`),
    ...results.figures.flatMap((figure) => ['', ...figureLines(figure, servers)]),
    '',
    ...reachLines(results)
  ].join('\n')
}

function figureLines ({ title, unit, digits, of }: Figure, servers: Record<string, string>): string[] {
  const rows = Object.entries(of).map(([server, spread]) => [
    `  ${servers[server]}`,
    grouped(spread.median, digits),
    range(spread, digits),
    server === 'gateway' || !of.gateway || server === 'predictor' ? '' : `${ratios(of.gateway, spread).median.toFixed(2)}×`
  ])
  const compared = rows.some(([, , , ratio]) => ratio !== '')
  return aligned([[title, unit, 'lowest–highest', compared ? 'model-edge is' : ''], ...rows])
}

function reachLines ({ figures, reached, servers }: Results): string[] {
  const rows = reached.map((goal: Reached) => {
    const { title, digits } = figures.find(({ id }) => id === goal.figure)!
    const name = goal.to === undefined ? `  ${title}: ${servers[goal.server]}` : `  ${title}, vs ${servers[goal.to]}`
    const places = goal.to === undefined ? digits : 2
    const sign = goal.to === undefined ? '' : '×'
    const reach = goal.atLeast === undefined ? `≤ ${grouped(goal.atMost!, -1)}` : `≥ ${grouped(goal.atLeast, -1)}`
    return [name, `${grouped(goal.measured.median, places)}${sign}`, range(goal.measured, places), `${reach}${sign}`, goal.met ? 'met' : 'NOT MET']
  })
  return aligned([['Reach', 'measured', 'lowest–highest', 'reach', ''], ...rows])
}

const range = ({ min, max }: Spread, digits: number) => `${grouped(min, digits)}–${grouped(max, digits)}`

/** 12,345.6. @param digits after the point; -1: as many as there are */
function grouped (value: number, digits = 0): string {
  return value.toLocaleString('en-US', digits < 0 ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Columns as wide as their longest entry, the first to the left, numbers to the right. */
function aligned (rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row
    .map((entry, column) => column === 0 ? entry.padEnd(widths[column]!) : entry.padStart(widths[column]!))
    .join('  ').trimEnd())
}
