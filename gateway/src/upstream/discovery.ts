import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

// How soon a new replica gets requests. The system's resolver is asked, which caches as it is set up to.
const interval = 2000

/** All addresses that a name stands for. */
export type Resolve = (host: string) => Promise<string[]>

const lookUpAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/**
 * Finds out at which addresses the upstreams are, again and again: a name may stand for several (a headless Service, a
 * scaled Compose service), and they come and go. A name that fails to resolve keeps the addresses it had.
 */
export class Discovery {
  readonly #origins: URL[]
  readonly #found: (origins: Set<string>) => void
  readonly #logger: FastifyBaseLogger
  readonly #resolve: Resolve
  readonly #known = new Map<string, string[]>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param found called with the origins, an address each, every time they have been looked up */
  constructor (origins: string[], found: (origins: Set<string>) => void, logger: FastifyBaseLogger, resolve: Resolve = lookUpAll) {
    this.#origins = origins.map((origin) => new URL(origin))
    this.#found = found
    this.#logger = logger
    this.#resolve = resolve
  }

  /** Looks all names up once, and from then on regularly where there are names. */
  async start (): Promise<void> {
    await this.#lookUp()
    if (this.#closed || this.#origins.every(({ hostname }) => isIP(bare(hostname)) !== 0)) return
    this.#timer = setTimeout(() => { void this.start() }, interval).unref()
  }

  close (): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #lookUp (): Promise<void> {
    await Promise.all(this.#origins.map(async (origin) => {
      const addresses = await this.#addressesOf(bare(origin.hostname))
      const port = origin.port || '80'
      if (addresses !== undefined) this.#known.set(origin.href, addresses.map((address) => `http://${bracketed(address)}:${port}`))
    }))
    const found = this.#origins.flatMap(({ href }) => this.#known.get(href) ?? [])
    if (!this.#closed) this.#found(new Set(found))
  }

  async #addressesOf (host: string): Promise<string[] | undefined> {
    if (isIP(host) !== 0) return [host]
    try {
      return await this.#resolve(host)
    } catch (error) {
      this.#logger.warn({ host, code: (error as NodeJS.ErrnoException).code }, 'upstream name does not resolve')
      return undefined
    }
  }
}

function bare (hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function bracketed (address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address
}
