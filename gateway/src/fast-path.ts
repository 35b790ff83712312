import type { Server, TLSSocket } from 'node:tls'
import type { Config } from './config.ts'
import type { EdgeParts } from './edge.ts'
import { headerLines } from './fast-path/answer.ts'
import { FastConnection } from './fast-path/fast-connection.ts'
import type { FastLane } from './fast-path/lane.ts'
import { isClearTarget } from './hygiene.ts'
import type { BodyMemory } from './limits/body-memory.ts'
import { timeLimits } from './limits/connection-time.ts'
import { longestBody } from './upstream/coalesce.ts'
import type { Coalescer } from './upstream/coalescer.ts'

export type FastPathParts =
  Pick<EdgeParts, 'logger' | 'limiter' | 'headers' | 'tracing'> & Pick<FastLane, 'log' | 'isDraining'> &
  { memory: BodyMemory, coalesced: ReadonlyMap<string, Coalescer> }

/**
 * The way of small requests that share exchanges: HTTP/1.1 POSTs about which nothing is unusual. They get the limits, checks,
 * headers, metrics and log line of any other request, from the same functions, without a general HTTP server's and a framework's
 * way to them, which cost more than all of those together (measured). A connection takes it until it brings anything else.
 */
export class FastPath {
  readonly #connections = new Set<FastConnection>()

  /** @param server one that nobody has connected to yet */
  constructor (server: Server, config: Config, { coalesced, headers, logger, log, limiter, memory, tracing, isDraining }: FastPathParts) {
    const longestTarget = Math.floor(config.HEADER_LIMIT / 2)
    const lane: FastLane = {
      logger,
      log,
      limiter,
      memory,
      tracing,
      isDraining,
      headers: headerLines(headers),
      coalescers: new Map([...coalesced].filter(([path]) => isClearTarget(path) && path.length <= longestTarget)),
      hosts: config.ALLOWED_HOSTS,
      trusted: config.TRUST_PROXY,
      times: timeLimits(config),
      longest: { head: config.HEADER_LIMIT, body: Math.min(longestBody, config.BODY_LIMIT) },
      closed: (connection) => { this.#connections.delete(connection) }
    }
    const listeners = server.listeners('secureConnection') as ((socket: TLSSocket) => void)[]
    const toServer = (socket: TLSSocket) => { for (const listener of listeners) listener.call(server, socket) }
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', (socket: TLSSocket) => {
      // One without an address is gone already.
      if (socket.alpnProtocol === 'h2' || socket.remoteAddress === undefined) toServer(socket)
      else this.#connections.add(new FastConnection(socket, lane, toServer))
    })
  }

  /** Ends the connections on which nobody waits for an answer. */
  endIdle (): void {
    for (const connection of this.#connections) {
      if (connection.isIdle) connection.socket.destroySoon()
    }
  }
}
