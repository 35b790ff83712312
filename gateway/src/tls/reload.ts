import type { FastifyBaseLogger } from 'fastify'
import { raise } from '../alerts.ts'
import { loadCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { WatchedFiles } from './watched-files.ts'

const hour = 60 * 60 * 1000
const day = 24 * hour
const warnBefore = 14 * day

interface CredentialsWatchOptions {
  certFile: string
  keyFile: string
  current: Credentials
  logger: FastifyBaseLogger
  /** Takes a new pair into use. */
  use: (credentials: Credentials) => void
}

/** Takes up a new certificate and key as they come, and warns, once a day, of one that is about to expire. */
export class CredentialsWatch {
  readonly #logger: FastifyBaseLogger
  readonly #files: WatchedFiles<Credentials>
  readonly #hourly: NodeJS.Timeout
  #current: Credentials
  #warnedOf = 0

  constructor ({ certFile, keyFile, current, logger, use }: CredentialsWatchOptions) {
    this.#logger = logger
    this.#current = current
    this.#files = new WatchedFiles({
      what: 'certificate',
      files: [certFile, keyFile],
      load: () => loadCredentials(certFile, keyFile),
      use: (found) => {
        const isNew = found.cert !== this.#current.cert || found.key !== this.#current.key
        if (isNew) use(found)
        this.#current = found
        this.#warnOfExpiry()
        return isNew
      },
      logger
    })
    this.#hourly = setInterval(() => this.#warnOfExpiry(), hour).unref()
    this.#warnOfExpiry()
  }

  /** When the certificate in use expires. */
  get expires (): Date {
    return this.#current.expires
  }

  close (): void {
    this.#files.close()
    clearInterval(this.#hourly)
  }

  #warnOfExpiry (): void {
    const now = Date.now()
    const left = this.#current.expires.getTime() - now
    if (left > warnBefore || now - this.#warnedOf < day) return
    this.#warnedOf = now
    const days = Math.max(0, Math.floor(left / day))
    const expires = this.#current.expires.toISOString()
    this.#logger.warn({ expires, days }, 'certificate is about to expire')
    raise({ key: 'certificate expiry', severity: 'warning', service: 'gateway', what: 'certificate is about to expire', detail: `on ${expires}` })
  }
}
