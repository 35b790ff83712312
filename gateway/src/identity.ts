import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'

/** What every answer carries from the start, whatever becomes of the request: security headers and the request's id. */
async function identityPlugin (app: FastifyInstance, { headers }: { headers: Record<string, string> }): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    reply.header('x-request-id', request.id)
    done()
  })
}

export const identity = fp(identityPlugin, { name: 'identity' })
