import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { RequestListener } from 'node:http'
import { constants } from 'node:crypto'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import type { Config } from '../config.ts'
import { lookInterval } from '../limits/connection-time.ts'
import { StreamAnswer } from './http2-response.ts'
import type { TlsMaterial } from './material.ts'

// Forward secrecy and authenticated encryption only (RFC 9325 §4.2). The three TLS 1.3 suites, then the same for 1.2.
const ciphers = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'
].join(':')

/**
 * The HTTPS server: HTTP/1.1 alone, or with HTTP/2 beside it on the same port by ALPN. Both kinds get the same limits;
 * Fastify would set them only on the servers it makes itself, and not with HTTP/2.
 */
export function createTlsServer (config: Config, material: TlsMaterial, http2: boolean, listener: RequestListener): Server {
  const tls = {
    ...secureContext(config, material),
    ...clientAuthentication(config.CLIENT_AUTH),
    handshakeTimeout: config.HANDSHAKE_TIMEOUT_MS
  }
  const server = http2
    ? createSecureServer({ ...tls, ...http2Limits(config), ...http2Protocol }, listener as never) as unknown as Server
    : createServer(tls, listener)
  // Node would report a failed handshake as a malformed request, to be answered over a connection that never came to be.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return Object.assign(server, http1Limits(config))
}

const http2Protocol = { allowHTTP1: true, Http2ServerResponse: StreamAnswer }

/** What a handshake goes by: at the start, and again whenever the certificate is replaced. */
export function secureContext (config: Config, { credentials: { cert, key }, authority }: TlsMaterial): SecureContextOptions {
  return {
    cert,
    key,
    ...authority?.tlsOptions,
    minVersion: config.TLS_MIN_VERSION,
    ciphers,
    // With client certificates no session is resumed: a resumed one is not verified again (nodejs/node#35317). TLS 1.2's
    // renegotiation is off for everybody: it could change the certificate in the middle of a connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (authority === undefined ? 0 : constants.SSL_OP_NO_TICKET)
  }
}

/** Whether clients are asked for a certificate, and whether the handshake goes on without a good one. */
function clientAuthentication (mode: Config['CLIENT_AUTH']): TlsOptions {
  return { requestCert: mode !== 'off', rejectUnauthorized: mode === 'required' }
}

/** Limits of HTTP/1.1, as properties: the constructor of an HTTP/2 server takes none of them as options. */
export function http1Limits (config: Config) {
  return {
    maxHeaderSize: config.HEADER_LIMIT,
    headersTimeout: config.HEADERS_TIMEOUT_MS,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    // Node's default, 30 s, would let a limit of 10 s last 40 s.
    connectionsCheckingInterval: lookInterval(config),
    // Hygiene refuses a missing Host; Node would answer it with a bare 400 and go on with what follows.
    requireHostHeader: false,
    // HEADER_LIMIT bounds them. Past a count Node 20 would drop the rest without a word.
    maxHeadersCount: 0,
    insecureHTTPParser: false
  }
}

/** Streams of one HTTP/2 connection at a time; past it REFUSED_STREAM, or PROTOCOL_ERROR once the client knows the limit. */
const concurrentStreams = 100

function http2Limits (config: Config) {
  return {
    settings: { maxConcurrentStreams: concurrentStreams, maxHeaderListSize: config.HEADER_LIMIT, enablePush: false },
    // More are a stream's end with ENHANCE_YOUR_CALM; one byte in a compressed header block can stand for a whole header.
    maxHeaderListPairs: 128,
    // Past any of these the session ends: frames that are invalid, streams opened past the limit, settings in one frame.
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxSettings: 32,
    // Megabytes of headers and unsent answers, past which no stream is opened.
    maxSessionMemory: 10,
    // CVE-2023-44487: a page that is left resets what it has asked for at once, and not again in the same second. Past the
    // burst the session takes no more streams (GOAWAY). Node.js 20 does not know the options and has 1000 and 33.
    streamResetBurst: 2 * concurrentStreams,
    streamResetRate: 33,
    unknownProtocolTimeout: config.HANDSHAKE_TIMEOUT_MS
  }
}
