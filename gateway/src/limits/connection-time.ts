import type { Server, Socket } from 'node:net'
import type { Http2ServerRequest, ServerHttp2Session } from 'node:http2'
import { Server as TlsServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { Config } from '../config.ts'
import { Http1Time } from './http1-time.ts'
import { Http2Time } from './http2-time.ts'
import type { RequestOf } from './http2-time.ts'

/** How long a connection may do what, in milliseconds. */
export interface TimeLimits {
  /** For a request's headers to arrive; and, in HTTP/2, for the first stream to be opened. */
  headers: number
  /** For a whole request to arrive, and again for its answer to be taken, counted from the answer's start. */
  request: number
  /** For a connection to stay open without a request. */
  keepAlive: number
  /** For a client to close its side after the gateway has closed its own. */
  linger: number
}

/** What Node adds to the keep-alive time-out it tells clients, so that a request under way as it ends still gets through. */
export const keepAliveBuffer = 1000

export function timeLimits (config: Config): TimeLimits {
  const { HEADERS_TIMEOUT_MS: headers, REQUEST_TIMEOUT_MS: request, KEEP_ALIVE_TIMEOUT_MS: keepAlive } = config
  return { headers, request, keepAlive, linger: Math.min(2000, keepAlive) }
}

/**
 * How often connections are looked at, in milliseconds: each limit is kept to within one look, or two where a start is only
 * noticed at a look. A second at most; less where a limit is shorter than that.
 */
export function lookInterval (config: Config): number {
  const { headers, request, keepAlive } = timeLimits(config)
  return Math.max(10, Math.min(1000, Math.floor(Math.min(headers, request, keepAlive) / 4)))
}

/** What a protocol does against clients that hold a connection open; `look` is called at every interval. */
export interface ConnectionTime { look: (now: number) => void }

/**
 * Ends every connection that is held open by doing little: whose client trickles bytes, does not take its answer, or does
 * not close. Node's own time-outs (headers, request, keep-alive) answer a slow request; these catch what they miss. A look
 * at all connections once a second costs the requests themselves nothing: 4,096 connections are looked at in under 1 ms.
 */
export function limitConnectionTime (server: Server, config: Config): void {
  const limits = timeLimits(config)
  const open = new Set<Connection>()
  const add = (socket: Socket, protocol: ConnectionTime) => {
    const connection = new Connection(socket, protocol, limits)
    open.add(connection)
    socket.once('close', () => open.delete(connection))
  }
  // HTTP/2 tells of a session right after its TLS connection, in the same event.
  let secured: TLSSocket
  server.prependListener(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: TLSSocket) => {
    secured = socket
    if (socket.alpnProtocol !== 'h2') add(socket, new Http1Time(socket, limits))
  })
  const requestOf: RequestOf = new WeakMap()
  server.on('session', (session: ServerHttp2Session) => add(secured, new Http2Time(session, secured, limits, requestOf)))
  server.prependListener('request', (request: Http2ServerRequest) => {
    if (request.stream !== undefined) requestOf.set(request.stream, request)
  })

  const look = setInterval(() => {
    const now = performance.now()
    for (const connection of open) connection.look(now)
  }, lookInterval(config)).unref()
  server.once('close', () => clearInterval(look))
}

/** A connection of either protocol, to the end of its closing. */
class Connection {
  readonly #socket: Socket
  readonly #protocol: ConnectionTime
  readonly #limits: TimeLimits
  #closing: number | undefined

  constructor (socket: Socket, protocol: ConnectionTime, limits: TimeLimits) {
    this.#socket = socket
    this.#protocol = protocol
    this.#limits = limits
  }

  look (now: number): void {
    if (!this.#socket.writableEnded) return this.#protocol.look(now)
    // Node waits for the client's own closing for as long as it takes; what was said last may still be on its way, too.
    this.#closing ??= now
    const patience = this.#socket.writableFinished ? this.#limits.linger : this.#limits.request
    if (now - this.#closing >= patience) this.#socket.destroy()
  }
}
