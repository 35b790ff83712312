import type { BlockList, Server, Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { isWithin } from './client-address.ts'
import { FreshConnections } from './fresh-connections.ts'
import type { ConnectionLimits, ConnectionRefusal } from './limits/connections.ts'
import { readProxyHeader } from './proxy-protocol.ts'

export interface AcceptOptions {
  limits: ConnectionLimits
  /** Proxies, whose connections are many clients'. */
  trusted: BlockList
  /** Whose PROXY protocol header is required and believed; nobody's when it is off. */
  proxyProtocolFrom: BlockList | undefined
  /** Milliseconds for the PROXY protocol header to come. */
  headerTimeout: number
  refused: (reason: ConnectionRefusal | 'proxy protocol', address: string | undefined) => void
}

/**
 * Stands between a server's socket and its protocol: whose connection it is (PROXY protocol) and whether there is room
 * for it is known before the first byte of a handshake is read.
 * @returns the connections that have not brought a request yet
 */
export function guardConnections (server: Server, options: AcceptOptions): FreshConnections {
  const fresh = new FreshConnections(server)
  const protocol = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const admit = (socket: Socket) => {
    const release = options.limits.take(socket.remoteAddress, { isMany: isWithin(options.trusted, socket.remoteAddress) })
    if (typeof release === 'string') {
      options.refused(release, socket.remoteAddress)
      socket.destroy()
      return
    }
    socket.once('close', release)
    fresh.accepted(socket)
    for (const listener of protocol) listener.call(server, socket)
  }
  server.on('connection', (socket: Socket) => {
    // Whatever becomes of it: a socket's error before its protocol listens must not end the process.
    socket.on('error', () => {})
    const { proxyProtocolFrom } = options
    const fromBalancer = proxyProtocolFrom !== undefined && isWithin(proxyProtocolFrom, socket.remoteAddress)
    if (fromBalancer) awaitProxyHeader(socket, options, admit)
    else admit(socket)
  })
  return fresh
}

function awaitProxyHeader (socket: Socket, { headerTimeout, refused }: AcceptOptions, admit: (socket: Socket) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const refuse = () => {
    refused('proxy protocol', socket.remoteAddress)
    socket.destroy()
  }
  const timer = setTimeout(refuse, headerTimeout)
  const read = () => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    bytes = Buffer.concat([bytes, chunk])
    try {
      const header = readProxyHeader(bytes)
      if (header === undefined) return
      finish()
      if (header.client !== undefined) setRemote(socket, header.client)
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length))
      admit(socket)
    } catch {
      finish()
      refuse()
    }
  }
  const finish = () => {
    clearTimeout(timer)
    socket.off('readable', read)
  }
  socket.on('readable', read)
  socket.once('close', finish)
}

/** As Node's own handle tells whose connection it is. */
interface Handle { getpeername: (into: Record<string, unknown>) => number }

/**
 * Makes a connection another client's. Set on the handle, since TLS and HTTP/2 put sockets of their own around it, and
 * each of them asks the handle: rate limit, log and headers then all see the one address.
 */
function setRemote (socket: Socket, { address, port }: { address: string, port: number }): void {
  const handle = (socket as unknown as { _handle: Handle })._handle
  handle.getpeername = (into) => {
    Object.assign(into, { address, port, family: isIPv6(address) ? 'IPv6' : 'IPv4' })
    return 0
  }
  // What the socket remembered of before.
  delete (socket as unknown as { _peername?: unknown })._peername
}
