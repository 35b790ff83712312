import { pino } from 'pino'
import type { Logger } from 'pino'
import { alertOfErrors } from './error-lines.ts'
import { logDestination } from './log-destination.ts'

/**
 * The service's log.
 * @param alerting whether errors are to be raised as alerts too
 */
export async function createLogger (level: string, alerting = false): Promise<Logger> {
  const destination = await logDestination()
  return pino({ level, base: { service: 'gateway' }, timestamp: isoTime }, alerting ? alertOfErrors(destination) : destination)
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
