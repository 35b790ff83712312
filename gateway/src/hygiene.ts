import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Config } from './config.ts'
import { BadRequest, HeadersTooLarge, UnknownHost, UnsupportedMediaType } from './errors.ts'

/** What is taken of the methods; CONNECT, TRACE and everything unknown stop at the gateway. */
export const publicMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const

/** RFC 9110 §7.2: a name, an IPv4 address or a bracketed IPv6 address, and maybe a port. */
const hostSyntax = /^(\[[0-9a-f:.]{2,45}\]|(?=[a-z0-9_])(?!.*\.\.)[a-z0-9._-]{1,255})(?::\d{1,5})?$/i

// RFC 3986 §2: visible ASCII alone, and no fragment.
const outsideUri = /[^\x21-\x7e]|#/

// What one parser takes for a separator and another for a letter: backslash; escaped NUL, slash and backslash.
const ambiguousPath = /\\|%(?:00|2f|5c)/i

/** A whole segment of one or two dots, escaped or not. */
const dotSegment = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

/** Headers that some upstreams spell with underscores: a twin of one could overrule the real one there. */
const guarded = /^(?:x-forwarded-|x-client-cert-|x-request-id|x-real-ip|forwarded|host|content-|transfer-|connection|authorization)/

/** Headers of which Node keeps the first one silently, and that mean too much for a second one to be overlooked. */
const single = new Set(['authorization', 'host'])

/** More fit into the room for headers only to be in the way. */
export const mostHeaders = 1000

/** How gateway and predictor talk among themselves; from outside it would let one client answer for others. */
const exchangeType = /^\s*application\/x-exchange\s*(?:;|$)/i

/**
 * Refuses requests that gateway and upstream might read differently, before anything is made of them.
 * What Node's parser refuses itself (RFC 9112: both Content-Length and Transfer-Encoding, folded headers, …) never gets here.
 */
async function hygienePlugin (app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    const unclear = versionProblem(raw) ?? headerProblem(raw)
    // Where a request's head can be read in two ways, so can its end, and the beginning of what follows.
    if (unclear !== undefined && raw.httpVersionMajor !== 2) reply.header('connection', 'close')
    done(unclear ?? targetProblem(raw) ?? hostProblem(request, config.ALLOWED_HOSTS))
  })
}

export const hygiene = fp(hygienePlugin, { name: 'hygiene' })

/**
 * Node's HTTP/1.1 parser takes `HTTP/2.0` in a request line, and everything after it would take that for HTTP/2; and it takes
 * HTTP/0.9, which has neither headers nor statuses.
 */
function versionProblem (request: IncomingMessage): Error | undefined {
  const { httpVersionMajor: major } = request
  const isRight = major === 1 || (major === 2 && 'stream' in request)
  return isRight ? undefined : new BadRequest('The HTTP version is not one that is spoken here.')
}

/** Whether a request target is taken as it is. */
export function isClearTarget (url: string): boolean {
  return targetProblem({ url }) === undefined
}

function targetProblem ({ url = '' }: Pick<IncomingMessage, 'url'>): Error | undefined {
  if (!url.startsWith('/')) return new BadRequest('The request target must be a path that starts with a slash.')
  const path = url.split('?', 1)[0]!
  if (outsideUri.test(url) || ambiguousPath.test(path)) {
    return new BadRequest('The request target holds a character that is not taken there.')
  }
  if (dotSegment.test(path) || path.startsWith('//')) return new BadRequest('The request target must not hold dot segments or start with two slashes.')
  return undefined
}

function headerProblem (message: IncomingMessage): Error | undefined {
  const { headers, rawHeaders, httpVersionMajor } = message
  if (headers.upgrade !== undefined && httpVersionMajor === 1) return new BadRequest('Protocol upgrades are not taken here.')
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return new BadRequest('The only expectation taken is 100-continue.')
  }
  if (exchangeType.test(headers['content-type'] ?? '')) return new UnsupportedMediaType()
  return rawHeaders.length > 2 * mostHeaders ? new HeadersTooLarge() : repeatedOrTwin(message)
}

/** Looks at the headers as they came: what Node makes of them has one value for each name. */
function repeatedOrTwin ({ rawHeaders, httpVersion }: IncomingMessage): Error | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    if (name === 'transfer-encoding') {
      const chunked = rawHeaders[index + 1]!.toLowerCase() === 'chunked' && httpVersion === '1.1' && !seen.has(name)
      if (!chunked) return new BadRequest('The only transfer coding taken is chunked, in HTTP/1.1.')
    } else if (seen.has(name) && single.has(name)) {
      return new BadRequest(`The ${name} header must be there once.`)
    } else if (name.includes('_') && guarded.test(name.replaceAll('_', '-'))) {
      return new BadRequest('A header name must not imitate another with underscores.')
    }
    seen.add(name)
  }
  return undefined
}

function hostProblem (request: FastifyRequest, allowed: string[]): Error | undefined {
  const { host, ':authority': authority } = request.headers as { host?: string, ':authority'?: string }
  if (host !== undefined && authority !== undefined && host.toLowerCase() !== authority.toLowerCase()) {
    return new BadRequest('Host and :authority must be the same.')
  }
  const name = hostName(host ?? authority)
  if (name === undefined) return new BadRequest('The Host header is not a host name or address with an optional port.')
  return allowed.length > 0 && !allowed.includes(name) ? new UnknownHost() : undefined
}

/** The host of a Host header, in lower case and without its port; `undefined` when it is none. */
export function hostName (header: string | undefined): string | undefined {
  return hostSyntax.exec(header ?? '')?.[1]!.toLowerCase()
}
