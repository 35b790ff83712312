import fp from 'fastify-plugin'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyRateLimit from '@fastify/rate-limit'
import type { Config } from '../config.ts'
import { RateLimited } from '../errors.ts'
import { handedOver } from '../fast-path/handover.ts'
import { clientKey } from './client-key.ts'
import type { Decision } from './gcra.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { rateLimitOptions } from './plugin-store.ts'
import type { RateLimiter } from './plugin-store.ts'
import type { RedisLimiter } from './redis-limiter.ts'

/** The limiter that the configuration asks for: shared through Redis, of this process alone, or none. */
export async function createRateLimiter (config: Config, log: FastifyBaseLogger): Promise<MemoryLimiter | RedisLimiter | undefined> {
  if (config.RATE_LIMIT_RPS === 0) return undefined
  const limit = { requestsPerSecond: config.RATE_LIMIT_RPS, burst: config.RATE_LIMIT_BURST }
  const url = config.RATE_LIMIT_STORE_URL
  if (url === undefined) return new MemoryLimiter(limit)
  // Who shares no limit has no Redis client in memory.
  const { RedisLimiter } = await import('./redis-limiter.ts')
  return new RedisLimiter({ ...limit, url, log })
}

/** Whether a limiter is one of several gateways. */
export function isShared (limiter: RateLimiter | undefined): limiter is RedisLimiter {
  return limiter !== undefined && 'opened' in limiter
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
    const handed = handedOver(request.raw)
    if (handed !== undefined) {
      if (handed.decision !== undefined) reply.headers(limitHeaders(limiter, handed.decision))
      return done()
    }
    limit(request, reply).then(() => done(), done)
  })
}

/** As the plugin tells of what it has counted itself. */
function limitHeaders ({ burst }: RateLimiter, { remaining, ttlMs }: Decision): Record<string, number> {
  return { 'ratelimit-limit': burst, 'ratelimit-remaining': remaining, 'ratelimit-reset': Math.ceil(ttlMs / 1000) }
}

export const rateLimit = fp(rateLimitPlugin, { name: 'rate-limit', dependencies: ['identity'] })
