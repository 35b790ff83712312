import { errors } from 'undici'
import { exchangeType } from './exchange.ts'
import { ExchangeLink } from './exchange-link.ts'
import type { Sender } from './exchange-link.ts'

/** The connections to one upstream over which exchanges go: as many as there are exchanges at once. */
export class ExchangeLinks {
  readonly #host: string
  readonly #port: number
  readonly #connectTimeout: number
  readonly #head: string
  readonly #all = new Set<ExchangeLink>()
  /** The last that was used is the next. */
  readonly #atRest: ExchangeLink[] = []
  #isClosing = false
  #closed: (() => void) | undefined

  readonly #keeper = {
    free: (link: ExchangeLink) => {
      if (this.#isClosing) link.fail(new errors.ClientClosedError())
      else this.#atRest.push(link)
    },
    lost: (link: ExchangeLink) => {
      const at = this.#atRest.indexOf(link)
      if (at !== -1) this.#atRest.splice(at, 1)
    },
    closed: (link: ExchangeLink) => {
      this.#all.delete(link)
      if (this.#all.size === 0) this.#closed?.()
    }
  }

  /** @param origin an http one, with an address for a host */
  constructor (origin: string, connectTimeout: number) {
    const { hostname, host, port } = new URL(origin)
    this.#host = hostname.replace(/^\[(.*)\]$/, '$1')
    this.#port = Number(port || 80)
    this.#connectTimeout = connectTimeout
    this.#head = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\ncontent-type: ${exchangeType}\r\ncontent-length: `
  }

  /** Connections that are not closed. */
  get size (): number {
    return this.#all.size
  }

  /**
   * Sends an exchange at once.
   * @param path visible ASCII
   * @param exchange a character a byte
   * @returns the link that it goes over
   */
  send (path: string, exchange: string, sender: Sender): ExchangeLink {
    const link = this.#take() ?? this.#open()
    link.send(`POST ${path}${this.#head}${exchange.length}\r\n\r\n${exchange}`, sender)
    return link
  }

  /** Closes all connections: at once, or each when its exchange is done. */
  async close ({ abruptly = false } = {}): Promise<void> {
    this.#isClosing = true
    for (const link of abruptly ? [...this.#all] : [...this.#atRest]) link.fail(new errors.ClientDestroyedError())
    if (this.#all.size > 0) await new Promise<void>((resolve) => { this.#closed = resolve })
  }

  #take (): ExchangeLink | undefined {
    for (let link = this.#atRest.pop(); link !== undefined; link = this.#atRest.pop()) {
      if (link.isFresh) return link
      link.fail(new Error('at rest for too long'))
    }
    return undefined
  }

  #open (): ExchangeLink {
    const link = new ExchangeLink(this.#host, this.#port, this.#connectTimeout, this.#keeper)
    this.#all.add(link)
    return link
  }
}
