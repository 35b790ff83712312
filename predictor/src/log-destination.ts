import sonicBoom from 'sonic-boom'
import type { SonicBoom } from 'sonic-boom'

// Bytes of lines that wait while nobody reads; past it lines are dropped.
const mostUnwritten = 8 * 1024 * 1024

/**
 * Where the log goes: standard output, behind the requests' backs, flushed at the end. Not pino's own destination: its
 * sonic-boom 4 tries for ever to flush into a pipe that nobody reads any more, and the process never ends.
 */
export function logDestination (): SonicBoom {
  const destination = new sonicBoom.SonicBoom({ fd: 1, sync: false, maxLength: mostUnwritten })
  // A reader that went away must not take the service down with it.
  destination.on('error', () => {})
  process.on('exit', () => {
    try {
      destination.flushSync()
    } catch {
      // Nothing was opened yet, or nobody reads any more.
    }
  })
  return destination
}
