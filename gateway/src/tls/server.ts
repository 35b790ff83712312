import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { RequestListener } from 'node:http'
import type { Config } from '../config.ts'
import type { Credentials } from './credentials.ts'

// Forward secrecy and authenticated encryption only (RFC 9325 §4.2). The three TLS 1.3 suites, then the same for 1.2.
const ciphers = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'
].join(':')

// Node looks for late requests only this often (its default, 30 s, would let a 10 s limit last 40 s).
const checkInterval = 1000

/**
 * The HTTPS server: HTTP/1.1 alone, or with HTTP/2 beside it on the same port by ALPN. Both kinds get the same limits;
 * Fastify would set them only on the servers it makes itself, and not with HTTP/2.
 */
export function createTlsServer (config: Config, credentials: Credentials, http2: boolean, listener: RequestListener): Server {
  const tls = {
    cert: credentials.cert,
    key: credentials.key,
    minVersion: config.TLS_MIN_VERSION,
    ciphers,
    handshakeTimeout: config.HANDSHAKE_TIMEOUT_MS
  }
  const server = http2
    ? createSecureServer({ ...tls, ...http2Limits(config), allowHTTP1: true }, listener as never) as unknown as Server
    : createServer(tls, listener)
  // Node would report a failed handshake as a malformed request, to be answered over a connection that never came to be.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return Object.assign(server, http1Limits(config))
}

/** Limits of HTTP/1.1, as properties: the constructor of an HTTP/2 server takes none of them as options. */
export function http1Limits (config: Config) {
  return {
    maxHeaderSize: config.HEADER_LIMIT,
    headersTimeout: config.HEADERS_TIMEOUT_MS,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: checkInterval,
    requireHostHeader: true,
    insecureHTTPParser: false
  }
}

function http2Limits (config: Config) {
  return {
    settings: { maxConcurrentStreams: 100, maxHeaderListSize: config.HEADER_LIMIT, enablePush: false },
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxSessionMemory: 10,
    unknownProtocolTimeout: config.HANDSHAKE_TIMEOUT_MS
  }
}
