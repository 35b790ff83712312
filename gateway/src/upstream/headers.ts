import type { FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import { identityHeaders } from '../tls/client-certificate.ts'
import { traceparentOf } from '../observe/trace-context.ts'

type Headers = Record<string | symbol, string | string[] | number | undefined>

/** Of one connection only (RFC 9110 §7.6.1, and what proxies in the wild add): never passed on, in neither direction. */
const hopByHop = [
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info', 'proxy-connection', 'te',
  'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'
]

/** What a client may not say of itself: the gateway says it, or nobody. */
const claimed = ['forwarded', 'x-real-ip', 'x-original-url', 'x-rewrite-url', 'traceparent', 'tracestate']

function isClaim (name: string): boolean {
  return name.startsWith('x-forwarded') || name.startsWith('x-client-cert-')
}

// `expect` is answered by the gateway itself.
const notForwarded = new Set([...hopByHop, ...claimed, 'expect', 'host'])
const notReturned = new Set([...hopByHop, 'server', 'x-powered-by', 'x-request-id'])

/**
 * The headers a request goes to the upstream with: the client's, without those of its connection (and those it named in
 * `Connection`) and without claims about who it is; then what the gateway knows itself.
 */
export function requestHeaders (request: FastifyRequest, publicPort: number): Headers {
  const { headers } = request
  const named = connectionOptions(headers)
  const forwarded: Headers = {}
  for (const [name, value] of Object.entries(headers)) {
    if (notForwarded.has(name) || named.has(name) || name.startsWith(':') || isClaim(name)) continue
    // CGI-style upstreams read `x_real_ip` and `x-real-ip` as one; Nginx drops such names too.
    if (name.includes('_')) continue
    forwarded[name] = value
  }
  if (request.method === 'GET' || request.method === 'HEAD') {
    delete forwarded['content-length']
    delete forwarded['content-type']
  }
  return Object.assign(forwarded, gatewayHeaders(request, publicPort))
}

/** The headers named in `Connection`, which are of that connection only. */
function connectionOptions ({ connection = '' }: IncomingHttpHeaders): Set<string> {
  return new Set(connection.toLowerCase().split(',').map((name) => name.trim()))
}

function gatewayHeaders (request: FastifyRequest, publicPort: number): Headers {
  const host = request.headers.host ?? request.headers[':authority'] as string | undefined ?? ''
  const { clientIdentity, client: { address, chain } } = request
  return {
    host,
    traceparent: traceparentOf(request.trace),
    tracestate: request.trace.state,
    'x-request-id': request.id,
    'x-real-ip': address,
    'x-forwarded-for': chain.join(', '),
    'x-forwarded-proto': 'https',
    'x-forwarded-host': host,
    'x-forwarded-port': String(publicPort),
    ...(clientIdentity === undefined ? {} : identityHeaders(clientIdentity)),
    forwarded: `for=${forwardedNode(address)};host="${host}";proto=https`
  }
}

/** RFC 7239 §6: an IPv6 address is bracketed and quoted. */
function forwardedNode (address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}

/**
 * The headers of the upstream's answer that the client gets: none of the connection's, none that tell what runs behind,
 * none of the gateway's own.
 */
export function responseHeaders (headers: IncomingHttpHeaders, own: Record<string, string>): IncomingHttpHeaders {
  const named = connectionOptions(headers)
  const returned: IncomingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (notReturned.has(name) || named.has(name) || Object.hasOwn(own, name)) continue
    returned[name] = value
  }
  return returned
}
