import Fastify from 'fastify'
import helmet from '@fastify/helmet'
import type { Config } from './config.ts'
import { settings } from './config/settings.ts'

/** Set by the server below helmet, not by helmet. */
const notSecurity = new Set(['date', 'connection', 'content-length', 'content-type'])

/**
 * The security headers of every response, worked out once by @fastify/helmet. They are the same for each request, and
 * calling helmet for each halves the requests per second (measured).
 * @param hstsMaxAge seconds; 0 sends no Strict-Transport-Security
 */
export async function securityHeaders (hstsMaxAge: number): Promise<Record<string, string>> {
  const probe = Fastify()
  await probe.register(helmet, {
    strictTransportSecurity: hstsMaxAge > 0 ? { maxAge: hstsMaxAge, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"]
      }
    }
  })
  probe.get('/', (_request, reply) => reply.send())
  const { headers } = await probe.inject('/')
  await probe.close()
  const pairs = Object.entries(headers).filter(([name]) => !notSecurity.has(name))
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}

/**
 * How long browsers are told to insist on HTTPS: not at all with the local certificate, since it would bind every other
 * service on localhost too; a year otherwise.
 */
export function hstsMaxAge (config: Config): number {
  return config.HSTS_MAX_AGE ?? (config.TLS_CERT_FILE === settings.TLS_CERT_FILE.default ? 0 : 31536000)
}
