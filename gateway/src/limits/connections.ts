import { clientKey } from './client-key.ts'

/** Why a connection was not taken. */
export type ConnectionRefusal = 'connections' | 'connections of one client'

/**
 * How many connections are open, in all and for each client. They are counted from the moment the socket is accepted,
 * before any handshake: half-open ones are what such an attack is made of.
 */
export class ConnectionLimits {
  readonly #max: number
  readonly #maxPerClient: number
  readonly #perClient = new Map<string, number>()
  #open = 0

  constructor (max: number, maxPerClient: number) {
    this.#max = max
    this.#maxPerClient = maxPerClient
  }

  get open (): number {
    return this.#open
  }

  /** Clients with a connection open. */
  get clients (): number {
    return this.#perClient.size
  }

  /**
   * Counts a connection when there is room; the function returned gives its place back, once.
   * @param isMany a proxy's address, which brings the connections of many clients
   */
  take (address: string | undefined, { isMany = false } = {}): (() => void) | ConnectionRefusal {
    if (this.#open >= this.#max) return 'connections'
    const client = clientKey(address)
    const own = this.#perClient.get(client) ?? 0
    if (own >= this.#maxPerClient && !isMany) return 'connections of one client'
    this.#open++
    this.#perClient.set(client, own + 1)
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      this.#open--
      const left = this.#perClient.get(client)! - 1
      if (left === 0) this.#perClient.delete(client)
      else this.#perClient.set(client, left)
    }
  }
}
