import { pino } from 'pino'
import type { Logger } from 'pino'
import { logDestination } from './log-destination.ts'

/** The service's log. */
export async function createLogger (level: string): Promise<Logger> {
  return pino({ level, base: { service: 'predictor' }, timestamp: isoTime }, await logDestination())
}

let millisecond = 0
let written = ''

/** As pino's own, which writes the date anew for each of the lines of a millisecond. */
function isoTime (): string {
  const now = Date.now()
  if (now !== millisecond) {
    millisecond = now
    written = `,"time":"${new Date(now).toISOString()}"`
  }
  return written
}
