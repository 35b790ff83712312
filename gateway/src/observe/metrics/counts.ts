import { errorCodes } from '../../errors.ts'
import { Distribution } from './distribution.ts'
import { Handshakes } from './handshakes.ts'
import { RequestCounts } from './requests.ts'
import { Tally } from './tally.ts'

/** As `guardConnections` tells them. */
const connectionRefusals = ['connections', 'connections of one client', 'proxy protocol']

/** What the public ports count as they work. */
export class EdgeCounts {
  readonly requests = { https: new RequestCounts(), http: new RequestCounts() }
  /** Requests that the gateway answered with an error of its own, by the error's code. */
  readonly refusedRequests = new Tally(errorCodes)
  readonly refusedConnections = new Tally(connectionRefusals)
  readonly handshakes = new Handshakes()
  readonly exchanges = new ExchangeCounts()
}

/** The exchanges of all coalescers. */
export class ExchangeCounts {
  readonly items = new Distribution([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
  readonly #waiting: (() => number)[] = []

  /** Takes a coalescer's number of waiting requests into the sum. */
  follow (waiting: () => number): void {
    this.#waiting.push(waiting)
  }

  get waiting (): number {
    return this.#waiting.reduce((sum, waiting) => sum + waiting(), 0)
  }
}
