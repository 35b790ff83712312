import { Counter, Gauge, Registry } from 'prom-client'
import type { ConnectionLimits } from '../limits/connections.ts'
import type { MemoryLimiter } from '../limits/memory-limiter.ts'
import { RedisLimiter } from '../limits/redis-limiter.ts'
import type { UpstreamPool } from '../upstream/pool.ts'

/** What the metrics tell of. Everything is read when it is asked for, so that requests pay nothing for it. */
export interface Observed {
  /** When the certificate in use expires. */
  certificateExpires: () => Date
  connections: ConnectionLimits
  limiter: MemoryLimiter | RedisLimiter | undefined
  upstreams: UpstreamPool
}

/** The gateway's metrics for Prometheus. */
export function createMetrics ({ certificateExpires, connections, limiter, upstreams }: Observed): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, read: () => number) => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) })
  }
  gauge('gateway_tls_certificate_not_after_timestamp_seconds', 'When the server certificate expires, in Unix time.',
    () => certificateExpires().getTime() / 1000)
  gauge('gateway_connections_open', 'Open connections of all public ports.', () => connections.open)
  gauge('gateway_connection_clients', 'Clients with a connection open.', () => connections.clients)
  gauge('gateway_upstream_requests_in_flight', 'Requests sent to an upstream and not answered in full.', () => upstreams.inFlight)
  gauge('gateway_upstream_requests_waiting', 'Requests that wait for an upstream with room.', () => upstreams.waiting)
  gauge('gateway_upstreams_up', 'Upstreams whose last health check was good.', () => upstreams.up)
  gauge('gateway_upstreams', 'Upstreams that are known.', () => upstreams.size)
  if (limiter instanceof RedisLimiter) sharedLimit(registry, limiter)
  return registry
}

function sharedLimit (registry: Registry, limiter: RedisLimiter): void {
  const connected: Gauge = new Gauge({
    name: 'gateway_rate_limit_store_connected',
    help: 'Whether the shared rate limit answered the last time it was asked.',
    registers: [registry],
    collect: () => connected.set(limiter.connected ? 1 : 0)
  })
  let told = 0
  const failures: Counter = new Counter({
    name: 'gateway_rate_limit_store_failures_total',
    help: 'Requests whose rate limit this gateway decided alone, since the shared one did not answer.',
    registers: [registry],
    collect: () => {
      failures.inc(limiter.failures - told)
      told = limiter.failures
    }
  })
}
