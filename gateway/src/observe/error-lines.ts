import type { DestinationStream, Logger } from 'pino'
import pino from 'pino'
import { raise } from '../alerts.ts'
import type { Alert } from '../alerts.ts'

const error = pino.levels.values.error!
const fatal = pino.levels.values.fatal!

/** What pino tells a destination of the line that it writes next. */
interface Line {
  lastLevel: number
  lastObj: Record<string, unknown> | null
  lastMsg: string | undefined
  lastLogger: Logger | undefined
}

/** A destination that also raises an alert for every line logged as an error or worse. */
export function alertOfErrors<T extends DestinationStream & Pick<Logger, 'flush'>> (destination: T): DestinationStream {
  const line: Line = { lastLevel: 0, lastObj: null, lastMsg: undefined, lastLogger: undefined }
  return Object.assign(line, {
    [pino.symbols.needsMetadataGsym]: true,
    write: (text: string) => {
      destination.write(text)
      if (line.lastLevel >= error) raise(alertOf(line))
    },
    flush: (done?: (error?: Error) => void) => destination.flush(done)
  })
}

function alertOf ({ lastLevel, lastObj, lastMsg, lastLogger }: Line): Alert {
  const fields = { ...lastLogger?.bindings(), ...lastObj }
  const cause = fields.err instanceof Error ? fields.err : undefined
  const what = lastMsg ?? cause?.message ?? 'error without a message'
  const code = text(fields.code) ?? text((cause as NodeJS.ErrnoException | undefined)?.code)
  const detail = cause === undefined ? text(fields.mistakes) ?? text(fields.reason) : `${cause.name}: ${cause.message}`
  const requestId = text(fields.requestId)
  return {
    key: `line ${[what, code, detail].join(' ').replace(varying, '#').slice(0, longestKey)}`,
    severity: lastLevel >= fatal ? 'fatal' : 'error',
    service: 'gateway',
    what,
    code,
    detail,
    requestIds: requestId === undefined ? [] : [requestId]
  }
}

// Numbers and identifiers: two errors that differ in nothing else are the same.
const varying = /\b[0-9a-f][0-9a-f-]{7,}\b|\d+/gi
const longestKey = 500

function text (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
