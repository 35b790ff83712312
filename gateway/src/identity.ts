import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { clientOf, isWithin } from './client-address.ts'
import type { Client } from './client-address.ts'
import { traceContext } from './observe/trace-context.ts'
import type { TraceContext } from './observe/trace-context.ts'
import type { Tracing } from './observe/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is. `request.ip` is only the other end of the connection. */
    client: Client
    trace: TraceContext
  }
}

interface IdentityOptions {
  config: Config
  /** The security headers of every answer. */
  headers: Record<string, string>
  tracing: Tracing | undefined
}

/**
 * Who asks, in which trace, under which id; and what every answer carries from the start, whatever becomes of the request.
 */
async function identityPlugin (app: FastifyInstance, options: IdentityOptions): Promise<void> {
  app.decorateRequest('client', null as never)
  app.decorateRequest('trace', null as never)
  app.addHook('onRequest', (request, reply, done) => {
    identify(request, reply, options)
    done()
  })
}

/** What the plugin does for a request; Fastify takes those whose target it can't decode past all hooks. */
export function identify (request: FastifyRequest, reply: FastifyReply, { config, headers, tracing }: IdentityOptions): void {
  const { ip } = request
  request.client = clientOf(ip, request.headers['x-forwarded-for'] as string | undefined, config.TRUST_PROXY)
  request.trace = traceContext(request.headers, isWithin(config.TRUST_PROXY, ip), tracing?.share)
  reply.headers(headers)
  reply.header('x-request-id', request.id)
}

export const identity = fp(identityPlugin, { name: 'identity' })
