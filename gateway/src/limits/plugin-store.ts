import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Decision } from './gcra.ts'

/** Somebody who keeps clients' allowances: {@link MemoryLimiter} or {@link RedisLimiter}. */
export interface RateLimiter {
  readonly burst: number
  /** Milliseconds in which a spent allowance is full again. */
  readonly capacityMs: number
  /** Asks for one request of the client `key`. Never throws and never rejects. */
  consume (key: string): Decision | Promise<Decision>
}

/**
 * The options with which @fastify/rate-limit asks `limiter`. The plugin makes its store itself, from a class, and one
 * more for each route with a configuration of its own; all of them ask the one limiter, so a client has one allowance.
 *
 * The plugin counts up to `max` in a `timeWindow`: the burst, in the time in which it comes back. What it takes for the
 * count is the part of the burst in use, and more than `max` for a refusal; `ttl` becomes `ratelimit-reset`, and
 * `retry-after` on a refusal.
 */
export function rateLimitOptions (
  limiter: RateLimiter
): { store: FastifyRateLimitStoreCtor, max: number, timeWindow: number } {
  class LimiterStore implements FastifyRateLimitStore {
    incr (key: string, callback: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      const decision = limiter.consume(key)
      if (decision instanceof Promise) decision.then((later) => callback(null, asCount(later)), callback)
      else callback(null, asCount(decision))
    }

    child (): LimiterStore {
      return this
    }
  }
  const asCount = ({ admitted, remaining, ttlMs }: Decision) =>
    ({ current: admitted ? limiter.burst - remaining : limiter.burst + 1, ttl: ttlMs })
  return { store: LimiterStore, max: limiter.burst, timeWindow: Math.ceil(limiter.capacityMs) }
}
