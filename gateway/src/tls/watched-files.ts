import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { raise } from '../alerts.ts'
import { MistakesError } from '../mistakes.ts'

// What belongs together is often two files: whoever replaces them needs a moment between the one and the other.
const settle = 250
// Some mounts tell nobody of their changes.
const lookAnyway = 60_000

interface WatchedFilesOptions<T> {
  /** What the files hold, for the log: `certificate`. */
  what: string
  files: string[]
  /** Reads and checks the files. */
  load: () => T | Promise<T>
  /** Takes into use what was read, when it is new; says whether it was. */
  use: (loaded: T) => boolean
  logger: FastifyBaseLogger
}

/**
 * Watches files and takes up new content as it comes: files written in place, renamed over, or swapped as Kubernetes does
 * (the files are links through a `..data` link, and only that is replaced; so it is the folder that is watched, never the
 * file). What is not right is told once, and the old stays in use.
 */
export class WatchedFiles<T> {
  readonly #options: WatchedFilesOptions<T>
  readonly #watchers: FSWatcher[]
  readonly #interval: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #told = ''

  constructor (options: WatchedFilesOptions<T>) {
    this.#options = options
    const { what, files, logger } = options
    this.#watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) => {
      const watcher = watch(folder, { persistent: false }, () => this.#changed())
      watcher.on('error', (error) => logger.warn({ err: error }, `${what}: its folder cannot be watched`))
      return watcher
    })
    this.#interval = setInterval(() => { void this.#look() }, lookAnyway).unref()
  }

  close (): void {
    for (const watcher of this.#watchers) watcher.close()
    clearInterval(this.#interval)
    clearTimeout(this.#timer)
  }

  #changed (): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => { void this.#look() }, settle).unref()
  }

  async #look (): Promise<void> {
    const { what, load, use, logger } = this.#options
    try {
      const loaded = await load()
      if (this.#told !== '') raise({ key: `${what} refused`, severity: 'recovery', service: 'gateway', what: `${what} is good again` })
      this.#told = ''
      if (use(loaded)) logger.info(`${what} reloaded`)
    } catch (error) {
      const mistakes = error instanceof MistakesError ? error.message : String(error)
      if (mistakes !== this.#told) logger.error({ mistakes }, `${what} not reloaded: the old one stays in use`)
      this.#told = mistakes
    }
  }
}
