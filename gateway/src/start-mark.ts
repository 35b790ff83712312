import { constants, closeSync, fstatSync, lstatSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from './config.ts'

/** What a run leaves behind; times in milliseconds since 1970. */
interface Mark {
  startedAt: number
  /** Runs in a row before this one that did not end in order. */
  crashes: number
  /** When a start after a crash was told last. */
  toldAt: number
}

// Who is started again and again tells of it once a minute.
const tellAgainAfter = 60_000

/**
 * A file that stands while the gateway runs, and goes when it ends in order. One that stands at the start is left from a run
 * that crashed, was killed, or lost its machine's power. It is told by its ports, of which a machine has one each, so with
 * port 0 there is none; nor where the folder for temporary files takes none or does not outlive the process.
 */
export class StartMark {
  readonly #file: string | undefined
  readonly #logger: FastifyBaseLogger

  constructor ({ GATEWAY_HOST, HTTPS_PORT }: Pick<Config, 'GATEWAY_HOST' | 'HTTPS_PORT'>, logger: FastifyBaseLogger, folder = ownFolder()) {
    this.#logger = logger
    this.#file = HTTPS_PORT === 0 ? undefined : join(folder, `gateway-${encodeURIComponent(GATEWAY_HOST)}-${HTTPS_PORT}.json`)
  }

  /** Sets the mark, and says so when one was left. To be called when the ports are open: they are nobody else's then. */
  set (now = Date.now()): void {
    if (this.#file === undefined) return
    try {
      takeFolder(dirname(this.#file))
      const left = read(this.#file)
      const crashes = left === undefined ? 0 : left.crashes + 1
      const isNews = left !== undefined && now - left.toldAt >= tellAgainAfter
      write(this.#file, { startedAt: now, crashes, toldAt: isNews ? now : left?.toldAt ?? 0 })
      if (left === undefined) return
      const fields = { crashes, reason: `it began at ${new Date(left.startedAt).toISOString()}; such runs in a row: ${crashes}` }
      this.#logger[isNews ? 'error' : 'warn'](fields, 'started after a run that did not end in order')
    } catch (error) {
      this.#logger.debug({ code: (error as NodeJS.ErrnoException).code }, 'no note can be left of this run: a crash will not be told at the next start')
    }
  }

  /** To be called when the process ends in order. */
  clear (): void {
    if (this.#file === undefined) return
    try {
      takeFolder(dirname(this.#file))
      rmSync(this.#file, { force: true })
    } catch {
      // It could not be set either.
    }
  }
}

/** A folder of this user's own: what others could write into the common one would be told to everybody. */
function ownFolder (): string {
  return join(tmpdir(), `model-edge-${process.getuid?.() ?? 0}`)
}

/** Much more than a mark has. */
const longest = 1024

/** Of a file alone: whoever could put another thing in its place could hold the start up with it. */
function read (file: string): Mark | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let fd: number
  try {
    fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  let text: string
  try {
    const found = fstatSync(fd)
    text = found.isFile() && found.size <= longest ? readFileSync(fd, 'utf8') : ''
  } finally {
    closeSync(fd)
  }
  const unknown = { startedAt: 0, crashes: 0, toldAt: 0 }
  try {
    const found = JSON.parse(text)
    return Object.values({ ...unknown, ...found }).every(Number.isSafeInteger) ? { ...unknown, ...found } : unknown
  } catch {
    // Cut short by what ended the run.
    return unknown
  }
}

/** Makes sure that the folder is there and nobody else's. */
function takeFolder (folder: string): void {
  try {
    // Not `recursive`, which never ends where folders can be looked into but not made, as in /proc (Node.js 20).
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw Object.assign(new Error(), { code: 'NOT_OUR_FOLDER' })
}

function write (file: string, mark: Mark): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants
  const fd = openSync(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    writeSync(fd, JSON.stringify(mark))
  } finally {
    closeSync(fd)
  }
}
