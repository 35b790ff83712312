import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Session } from 'node:http2'
import type { TLSSocket } from 'node:tls'

const told = Symbol('fields')
type Told<T> = T & { [told]?: string }

/**
 * The access line's members on a request's connection: TLS version and cipher, none of a connection without TLS. Asked of
 * OpenSSL once a connection, and early: an HTTP/2 stream that has ended knows its session no more.
 */
export function connectionFields (request: Pick<IncomingMessage, 'socket'> | Http2ServerRequest): string {
  if ('stream' in request) {
    // A stream that its client took back at once has none.
    const session = request.stream.session as Told<ServerHttp2Session> | undefined
    if (session === undefined) return ''
    session[told] ??= fields(session.socket as TLSSocket)
    return session[told]
  }
  const socket = request.socket as Told<TLSSocket>
  socket[told] ??= fields(socket)
  return socket[told]
}

function fields (socket: TLSSocket): string {
  if (!socket.encrypted) return ''
  const version = socket.getProtocol()
  // Nobody's words but OpenSSL's.
  return version === null ? '' : `,"tlsVersion":"${version}","cipher":"${socket.getCipher().standardName}"`
}
