import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildEdge } from './edge.ts'
import type { EdgeParts } from './edge.ts'
import { hostName, publicMethods } from './hygiene.ts'
import { http1Limits } from './tls/server.ts'

/**
 * The plain HTTP port: sends everything to the same path on HTTPS. 301 for GET and HEAD; 308 otherwise, since a 301 lets
 * a client turn a POST into a GET (RFC 9110 §15.4.2).
 * @param httpsPort the port that clients see
 */
export async function buildRedirect (config: Config, parts: EdgeParts, httpsPort: () => number): Promise<FastifyInstance> {
  // RFC 6797 §7.2: not over plain HTTP.
  const { 'strict-transport-security': _, ...headers } = parts.headers
  const app = await buildEdge(config, { ...parts, headers }, (handler) => Object.assign(createServer(handler), http1Limits(config)))
  app.removeAllContentTypeParsers()
  // The body goes to HTTPS or nowhere: it is not read.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const url of ['/', '/*']) {
    app.route({
      url,
      method: [...publicMethods],
      handler: (request, reply) => {
        // Hygiene has refused every host that is none, or not one of ours.
        const host = hostName(request.headers.host)!
        const port = httpsPort() === 443 ? '' : `:${httpsPort()}`
        const status = request.method === 'GET' || request.method === 'HEAD' ? 301 : 308
        return reply.redirect(`https://${host}${port}${request.raw.url}`, status)
      }
    })
  }
  return app
}
