import { pino } from 'pino'
import type { Logger } from 'pino'
import sonicBoom from 'sonic-boom'

// Bytes of lines that wait while nobody reads; past it lines are dropped.
const mostUnwritten = 8 * 1024 * 1024

/**
 * The log: JSON lines to standard output, written behind the request's back and flushed when the process ends, whichever
 * way it does. A line per request written at once would cost more than the request.
 */
export function createLogger (level: string): Logger {
  // Not pino's own destination: its sonic-boom 4 tries for ever to flush into a closed pipe, and the process never ends.
  const destination = new sonicBoom.SonicBoom({ fd: 1, sync: false, maxLength: mostUnwritten })
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
