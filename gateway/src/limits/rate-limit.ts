import fp from 'fastify-plugin'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyRateLimit from '@fastify/rate-limit'
import type { Config } from '../config.ts'
import { RateLimited } from '../errors.ts'
import { handedOver } from '../fast-path/handover.ts'
import { clientKey } from './client-key.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { rateLimitOptions } from './plugin-store.ts'
import type { RateLimiter } from './plugin-store.ts'
import { RedisLimiter } from './redis-limiter.ts'

/** The limiter that the configuration asks for: shared through Redis, of this process alone, or none. */
export function createRateLimiter (config: Config, log: FastifyBaseLogger): MemoryLimiter | RedisLimiter | undefined {
  if (config.RATE_LIMIT_RPS === 0) return undefined
  const limit = { requestsPerSecond: config.RATE_LIMIT_RPS, burst: config.RATE_LIMIT_BURST }
  const url = config.RATE_LIMIT_STORE_URL
  return url === undefined ? new MemoryLimiter(limit) : new RedisLimiter({ ...limit, url, log })
}

/** Counts every request, whatever comes of it: also those that are refused later, and those to paths that are not there. */
async function rateLimitPlugin (app: FastifyInstance, { limiter }: { limiter: RateLimiter | undefined }): Promise<void> {
  if (limiter === undefined) return
  await app.register(fastifyRateLimit, {
    ...rateLimitOptions(limiter),
    global: false,
    enableDraftSpec: true,
    // A certificate says better who it is than an address, which many may share.
    keyGenerator: ({ clientIdentity, client }) => clientIdentity === undefined
      ? clientKey(client.address)
      : `certificate ${clientIdentity.fingerprint}`,
    errorResponseBuilder: (_request, { ttl }) => new RateLimited(Math.max(1, Math.ceil(ttl / 1000)))
  })
  // As a hook of the whole instance: the plugin's own are of routes, and requests without a route would go uncounted.
  const limit = app.rateLimit() as (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  app.addHook('onRequest', (request, reply, done) => {
    if (handedOver(request.raw) !== undefined) return done()
    limit(request, reply).then(() => done(), done)
  })
}

export const rateLimit = fp(rateLimitPlugin, { name: 'rate-limit', dependencies: ['identity'] })
