import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { fastConnection } from './fast-path/fast-connection.ts'

/**
 * The connections that have not brought a request yet: in their handshake, or past it and silent. Node counts them as busy,
 * so that closing a server would wait for their time-outs.
 */
export class FreshConnections {
  readonly #secure: boolean
  /** In their handshake, under the client's address and port, which the TLS socket around them has too. */
  readonly #shaking = new Map<string, Socket>()
  readonly #silent = new Set<Socket>()

  constructor (server: Server) {
    this.#secure = server instanceof TlsServer
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#shaking.delete(name(socket))
      // HTTP/2 connections have sessions, which close by themselves.
      if (socket.alpnProtocol !== 'h2') this.#listenTo(socket)
    })
    server.prependListener('request', ({ socket }: IncomingMessage) => this.#silent.delete(socket))
  }

  accepted (socket: Socket): void {
    if (!this.#secure) return this.#listenTo(socket)
    const key = name(socket)
    this.#shaking.set(key, socket)
    socket.once('close', () => {
      // A client may have come back from the same port meanwhile.
      if (this.#shaking.get(key) === socket) this.#shaking.delete(key)
    })
  }

  /** Ends them all. */
  end (): void {
    for (const socket of [...this.#shaking.values(), ...this.#silent]) {
      // The fast path ends its own.
      if (fastConnection(socket) === undefined) socket.destroy()
    }
  }

  #listenTo (socket: Socket): void {
    this.#silent.add(socket)
    socket.once('close', () => this.#silent.delete(socket))
  }
}

function name ({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
