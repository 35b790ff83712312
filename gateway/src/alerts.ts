import { channel } from 'node:diagnostics_channel'

/** How bad it is; `recovery` tells that what was told before is over. */
export type Severity = 'fatal' | 'error' | 'warning' | 'recovery'

/** What somebody should be told of now, wherever they are. */
export interface Alert {
  /** Whose matter it is. Alerts of one matter belong together: it is told once, then summed up, and once when it is over. */
  key: string
  severity: Severity
  /** In whose works it happened. */
  service: 'gateway' | 'upstream'
  /** One line. */
  what: string
  /** The contract's error code, or the system's. */
  code?: string
  /** The cause, as far as it is known. */
  detail?: string
  /** Those of the requests that met it; a few are enough. */
  requestIds?: string[]
  /** How often it happened, when it is not once. */
  count?: number
  /** When it happened first, in milliseconds since 1970, when it is not now. */
  first?: number
}

/**
 * How alerts get from where they happen to who passes them on. Not through the log: its level may keep them out, and a
 * recovery is no error.
 */
const alerts = channel('model-edge:alerts')

/** Passes an alert on, if anybody wants it. */
export function raise (alert: Alert): void {
  alerts.publish(alert)
}

/** Calls back for every alert raised in this process; returns what ends that. */
export function onAlert (told: (alert: Alert) => void): () => void {
  const listener = (alert: unknown) => told(alert as Alert)
  alerts.subscribe(listener)
  return () => alerts.unsubscribe(listener)
}
