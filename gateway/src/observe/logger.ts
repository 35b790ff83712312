import { pino } from 'pino'
import type { Logger } from 'pino'

/**
 * The log: JSON lines to standard output, written behind the request's back and flushed when the process ends, whichever
 * way it does. A line per request written at once would cost more than the request.
 */
export function createLogger (level: string): Logger {
  const destination = pino.destination({ dest: 1, sync: false })
  // A reader that went away (closed pipe, full disk) must not take the service down with it.
  destination.on('error', () => {})
  process.on('exit', () => {
    try {
      destination.flushSync()
    } catch {
      // Nothing was opened yet, or nobody reads any more.
    }
  })
  return pino({ level, base: { service: 'gateway' }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
