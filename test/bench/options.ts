import { parseArgs } from 'node:util'

/** How long and how often is measured, and where results go beside the table on standard output. */
export interface Options {
  rounds: number
  /** Of one measurement. Whole: wrk knows no parts of one. */
  seconds: number
  /** Connections of the throughput figures. */
  connections: number[]
  /** Files to write, relative to where the command was given. */
  json: string | undefined
  chart: string | undefined
}

const usage = 'pnpm bench [--rounds 5] [--seconds 5] [--connections 32,128] [--json FILE] [--chart FILE.svg]'

/** @throws Error with the usage when an argument is not understood */
export function readOptions (args: string[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '5' },
        connections: { type: 'string', default: '32,128' },
        json: { type: 'string' },
        chart: { type: 'string' }
      }
    })
    return {
      rounds: whole('rounds', values.rounds),
      seconds: whole('seconds', values.seconds),
      connections: values.connections.split(',').map((part) => whole('connections', part)),
      json: values.json,
      chart: values.chart
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`, { cause: error })
  }
}

function whole (name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${name} takes whole numbers from 1 to 9999; got ${JSON.stringify(text)}`)
  return Number(text)
}
