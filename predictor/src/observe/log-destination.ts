import { isatty } from 'node:tty'
import sonicBoom from 'sonic-boom'

/** Where pino writes. */
export interface LogDestination {
  write: (line: string) => void
  /** Calls back when everything is written, or can't be. */
  flush: (done?: (error?: Error) => void) => void
}

const standardOutput = 1

/** Characters that are written together: handing each line on by itself costs more than making it (measured). */
const page = 16 * 1024
/** Milliseconds that a line waits for others. */
const patience = 20
/** Bytes that wait while nobody reads; past it lines are dropped. */
const mostUnwritten = 8 * 1024 * 1024

let dropped = 0

/** Lines dropped so far because those before them were not read. */
export function droppedLines (): number {
  return dropped
}

/**
 * Standard output: JSON lines, or readable ones where it is a terminal. Written behind the requests' backs, and flushed when
 * the process ends, whichever way it does. A closed pipe or a full disk loses lines and nothing else.
 */
export async function logDestination (): Promise<LogDestination> {
  const pages = writeByThePage()
  // Not process.stdout.isTTY: asking for it makes a pipe non-blocking.
  if (!isatty(standardOutput)) return pages
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true })
  return { ...pages, write: (line) => pages.write(pretty(line)) }
}

function writeByThePage (): LogDestination {
  // Not pino's own destination: its sonic-boom 4 tries for ever to flush into a closed pipe, and the process never ends.
  const output = new sonicBoom.SonicBoom({ fd: standardOutput, sync: false, maxLength: mostUnwritten })
  let lines = ''
  let timer: NodeJS.Timeout | undefined
  const handOver = () => {
    clearTimeout(timer)
    timer = undefined
    if (lines === '') return
    output.write(lines)
    lines = ''
  }
  // A reader that went away (closed pipe, full disk) must not take the service down with it.
  output.on('error', () => {})
  output.on('drop', (text: string) => { dropped += text.split('\n').length - 1 })
  process.on('exit', () => {
    try {
      handOver()
      output.flushSync()
    } catch {
      // Nothing was opened yet, or nobody reads any more.
    }
  })
  return {
    write: (line) => {
      lines += line
      if (lines.length >= page) handOver()
      else timer ??= setTimeout(handOver, patience).unref()
    },
    flush: (done) => {
      handOver()
      output.flush(done)
    }
  }
}
