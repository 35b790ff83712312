import type { Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Tally } from './tally.ts'

/** Why a handshake failed, as far as OpenSSL and Node.js tell; first come, first matched. */
const reasons: [RegExp, string][] = [
  [/HANDSHAKE_TIMEOUT/, 'timeout'],
  [/HTTP_REQUEST/, 'plain_http'],
  [/WRONG_VERSION_NUMBER/, 'not_tls'],
  // The client's own word: it does not trust the server's certificate, or does not want the rest.
  [/ALERT/, 'refused_by_client'],
  [/DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE|CERT_/, 'client_certificate'],
  [/PROTOCOL|VERSION/, 'protocol_version'],
  [/CIPHER|SIGNATURE_ALGORITHM|SHARED_GROUP|KEY_SHARE/, 'no_common_parameters'],
  [/RESET|EPIPE/, 'connection_lost'],
  // Out of order, cut short, forged.
  [/ERR_SSL_/, 'broken']
]

/** One of few words for a failed handshake. */
export function failureReason (error: NodeJS.ErrnoException, { authorizationError }: Pick<TLSSocket, 'authorizationError'>): string {
  // Node closes the connection over it, and then tells that it was closed.
  if (authorizationError) return 'client_certificate'
  return reasons.find(([pattern]) => pattern.test(error.code ?? ''))?.[1] ?? 'other'
}

/** The TLS handshakes of a server. */
export class Handshakes {
  /** By protocol version: `1.2`, `1.3`. */
  readonly done = new Tally()
  readonly failed = new Tally(new Set([...reasons.map(([, reason]) => reason), 'client_certificate', 'other']))

  watch (server: Server): void {
    server.on('secureConnection', (socket: TLSSocket) => this.done.add((socket.getProtocol() ?? '').replace('TLSv', '')))
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => this.failed.add(failureReason(error, socket)))
  }
}
