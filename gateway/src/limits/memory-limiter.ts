import { randomBytes } from 'node:crypto'
import { ClientIndex } from './client-index.ts'
import { EarliestFirst } from './earliest-first.ts'
import { Gcra, type Decision, type RateLimit } from './gcra.ts'
import { KeyedHash } from './keyed-hash.ts'

export interface MemoryLimiterOptions extends RateLimit {
  /** Clients remembered at most; about 32 bytes each. */
  maxClients?: number
  /** Milliseconds that never go back. */
  clock?: () => number
}

/**
 * One allowance a client, in this process.
 *
 * A client is remembered by a hash and its theoretical arrival time alone. A newcomer takes the place of a client whose
 * allowance is full again, which loses nothing by being forgotten; when there is none, an empty place; and when the
 * table is full, the place of whoever is closest to a full allowance. So new addresses, however many, displace one
 * another before they free anybody's spent allowance.
 *
 * The arrays have their full size from the start, but the system gives them memory only where they are written: few
 * clients use little, and there is no moment at which a growing table stops all requests to copy itself.
 */
export class MemoryLimiter {
  readonly burst: number
  readonly capacityMs: number

  readonly #gcra: Gcra
  readonly #maxClients: number
  readonly #clock: () => number
  readonly #hash = new KeyedHash(randomBytes(8))
  readonly #index: ClientIndex
  readonly #clients: EarliestFirst

  /** @throws RangeError for a rate or burst that no limit can have; see {@link Gcra}. */
  constructor ({ maxClients = 1_000_000, clock = () => performance.now(), ...limit }: MemoryLimiterOptions) {
    this.#gcra = new Gcra(limit)
    this.burst = this.#gcra.burst
    this.capacityMs = this.#gcra.capacityMs
    this.#maxClients = maxClients
    this.#clock = clock
    this.#index = new ClientIndex(maxClients)
    this.#clients = new EarliestFirst(maxClients)
  }

  /** Clients remembered now. */
  get size (): number {
    return this.#clients.size
  }

  /** Bytes of the table, whether in use or not. */
  get byteLength (): number {
    return this.#index.byteLength + this.#clients.byteLength
  }

  /** Asks for one request of the client `key`, and takes it from its allowance when there is room. */
  consume (key: string, now = this.#clock()): Decision {
    this.#hash.of(key)
    const { low, high } = this.#hash
    const client = this.#index.find(low, high)
    const arrival = client === -1 ? now : Math.max(this.#clients.timeOf(client), now)
    if (arrival - now > this.#gcra.highestBacklogMs) return this.#gcra.refusal(arrival - now)

    const next = arrival + this.#gcra.intervalMs
    if (client === -1) this.#remember(low, high, next, now)
    else this.#clients.postpone(client, next)
    return this.#gcra.admission(next - now)
  }

  #remember (low: number, high: number, time: number, now: number): void {
    const replenished = this.#clients.earliest <= now
    if (!replenished && this.#clients.size < this.#maxClients) {
      this.#index.add(this.#clients.add(time), low, high)
      return
    }
    const client = this.#clients.replaceEarliest(time)
    this.#index.remove(client)
    this.#index.add(client, low, high)
  }
}
