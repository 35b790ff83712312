import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { fastConnection } from '../fast-path/fast-connection.ts'
import { keepAliveBuffer } from './connection-time.ts'
import type { ConnectionTime, TimeLimits } from './connection-time.ts'

/** Node's own field: the answer that is next on a connection. */
type Connection = Socket & { _httpMessage?: ServerResponse | null }

/**
 * The time of an HTTP/1.1 connection, where Node has no limit of its own: an answer that is not taken, and empty lines
 * between requests, each of which starts Node's keep-alive time-out anew.
 */
export class Http1Time implements ConnectionTime {
  readonly #socket: Connection
  readonly #limits: TimeLimits
  #answer: ServerResponse | undefined
  #bytesWritten = -1
  #since = 0

  constructor (socket: Socket, limits: TimeLimits) {
    this.#socket = socket
    this.#limits = limits
  }

  look (now: number): void {
    const fast = fastConnection(this.#socket)
    if (fast !== undefined) return fast.look(now)
    const answer = this.#socket._httpMessage ?? undefined
    if (answer === undefined) return this.#lookAtIdle(now)
    this.#bytesWritten = -1
    // Until it starts, a request is arriving or an upstream working, each with a time-out.
    if (!answer.headersSent) return
    if (answer !== this.#answer) {
      this.#answer = answer
      this.#since = now
    } else if (now - this.#since >= this.#limits.request) {
      this.#socket.destroy()
    }
  }

  /** Without an answer under way, a connection on which nothing is ever answered brings no requests. */
  #lookAtIdle (now: number): void {
    const { bytesWritten } = this.#socket
    this.#answer = undefined
    if (bytesWritten !== this.#bytesWritten) {
      this.#bytesWritten = bytesWritten
      this.#since = now
    } else if (now - this.#since >= this.#limits.keepAlive + keepAliveBuffer + this.#limits.headers) {
      // Idle as long as it may be, then as long in bringing a request's headers: either has been ended before this.
      this.#socket.destroy()
    }
  }
}
