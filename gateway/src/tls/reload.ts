import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { MistakesError } from '../mistakes.ts'
import { loadCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'

// A certificate and its key are two files: whoever replaces them needs a moment between the one and the other.
const settle = 250
// Some mounts tell nobody of their changes.
const lookAnyway = 60_000
const day = 24 * 60 * 60 * 1000
const warnBefore = 14 * day

interface ReloadOptions {
  certFile: string
  keyFile: string
  current: Credentials
  logger: FastifyBaseLogger
  /** Takes a new pair into use. */
  use: (credentials: Credentials) => void
}

/**
 * Watches the certificate and its key and takes up new ones as they come: files written in place, renamed over, or swapped
 * as Kubernetes does (the files are links through a `..data` link, and only that is replaced; so it is the folder that is
 * watched, never the file). A pair that is not right is told once, and the old one stays in use.
 */
export class CredentialsWatch {
  readonly #options: ReloadOptions
  readonly #watchers: FSWatcher[]
  readonly #interval: NodeJS.Timeout
  #current: Credentials
  #timer: NodeJS.Timeout | undefined
  #told = ''
  #warnedOf = 0

  constructor (options: ReloadOptions) {
    this.#options = options
    this.#current = options.current
    const folders = new Set([dirname(options.certFile), dirname(options.keyFile)])
    this.#watchers = [...folders].map((folder) => watch(folder, { persistent: false }, () => this.#changed()))
    for (const watcher of this.#watchers) {
      watcher.on('error', (error) => options.logger.warn({ err: error }, 'certificate folder cannot be watched'))
    }
    this.#interval = setInterval(() => this.#look(), lookAnyway).unref()
    this.#warnOfExpiry()
  }

  /** When the certificate in use expires. */
  get expires (): Date {
    return this.#current.expires
  }

  close (): void {
    for (const watcher of this.#watchers) watcher.close()
    clearInterval(this.#interval)
    clearTimeout(this.#timer)
  }

  #changed (): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), settle).unref()
  }

  #look (): void {
    const { certFile, keyFile, logger, use } = this.#options
    try {
      const found = loadCredentials(certFile, keyFile)
      this.#told = ''
      if (found.cert !== this.#current.cert || found.key !== this.#current.key) {
        use(found)
        this.#current = found
        logger.info({ expires: found.expires.toISOString() }, 'certificate reloaded')
      }
    } catch (error) {
      const mistakes = error instanceof MistakesError ? error.message : String(error)
      if (mistakes !== this.#told) logger.error({ mistakes }, 'certificate not reloaded: the old one stays in use')
      this.#told = mistakes
    }
    this.#warnOfExpiry()
  }

  /** Once a day. */
  #warnOfExpiry (): void {
    const now = Date.now()
    const left = this.#current.expires.getTime() - now
    if (left > warnBefore || now - this.#warnedOf < day) return
    this.#warnedOf = now
    const days = Math.max(0, Math.floor(left / day))
    this.#options.logger.warn({ expires: this.#current.expires.toISOString(), days }, 'certificate is about to expire')
  }
}
