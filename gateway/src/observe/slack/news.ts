import type { Alert, Severity } from '../../alerts.ts'

/** Equal alerts as one: what has not been told of them yet. Times in milliseconds since 1970. */
export interface News extends Omit<Alert, 'count' | 'first' | 'requestIds'> {
  severity: Severity
  count: number
  first: number
  last: number
  /** The first few. */
  requestIds: string[]
}

export const idsKept = 5
/** Longer texts are cut: what an error says may hold a whole document. */
const longest = 300

export function newsOf (alert: Alert, now: number): News {
  const { count = 1, first = now, requestIds = [], what, code, detail } = alert
  const texts = { what: cut(what), code: code && cut(code), detail: detail && cut(detail) }
  return { ...alert, ...texts, count, first, last: now, requestIds: requestIds.slice(0, idsKept) }
}

/** Adds later news of the same to earlier; what it says last counts. */
export function merge (earlier: News, later: News): News {
  return {
    ...later,
    count: earlier.count + later.count,
    first: Math.min(earlier.first, later.first),
    last: Math.max(earlier.last, later.last),
    requestIds: [...earlier.requestIds, ...later.requestIds].slice(0, idsKept)
  }
}

function cut (text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
