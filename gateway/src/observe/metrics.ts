import { Registry } from 'prom-client'
import type { ConnectionLimits } from '../limits/connections.ts'
import type { MemoryLimiter } from '../limits/memory-limiter.ts'
import { isShared } from '../limits/rate-limit.ts'
import type { RedisLimiter } from '../limits/redis-limiter.ts'
import type { Backend } from '../upstream/backend.ts'
import type { UpstreamPool } from '../upstream/pool.ts'
import { droppedLines } from './log-destination.ts'
import type { EdgeCounts } from './metrics/counts.ts'
import { Exposition } from './metrics/exposition.ts'
import type { Reading } from './metrics/exposition.ts'
import { exposeRequests } from './metrics/requests.ts'
import { exposeRuntime } from './metrics/runtime.ts'
import { exposeSlack } from './metrics/slack.ts'
import type { Tally } from './metrics/tally.ts'

/** What the metrics tell of. Everything is read when it is asked for: requests pay for counting and for nothing else. */
export interface Observed {
  counts: EdgeCounts
  /** When the certificate in use expires. */
  certificateExpires: () => Date
  connections: ConnectionLimits
  limiter: MemoryLimiter | RedisLimiter | undefined
  upstreams: UpstreamPool
  /** None: Slack is not told. */
  slack?: Parameters<typeof exposeSlack>[1]
}

/** The gateway's metrics for Prometheus. */
export function createMetrics ({ counts, certificateExpires, connections, limiter, upstreams, slack }: Observed): Registry {
  const registry = new Registry()
  const exposition = new Exposition(registry)
  exposeRequests(exposition, counts.requests)
  exposeConnections(exposition, counts, connections, certificateExpires)
  exposeRefusals(exposition, counts, limiter)
  exposeExchanges(exposition, counts)
  exposeUpstreams(exposition, upstreams)
  exposeSlack(exposition, slack)
  exposition.counter({ name: 'gateway_log_lines_dropped_total', help: 'Log lines that nobody read in time.' }, droppedLines)
  exposeRuntime(exposition)
  return registry
}

function exposeConnections (
  exposition: Exposition, { refusedConnections, handshakes }: EdgeCounts, connections: ConnectionLimits, certificateExpires: () => Date
): void {
  exposition.gauge({ name: 'gateway_connections_open', help: 'Open connections of all public ports.' }, () => connections.open)
  exposition.gauge({ name: 'gateway_connection_clients', help: 'Clients with a connection open.' }, () => connections.clients)
  exposition.counter({ name: 'gateway_connections_refused_total', help: 'Connections not taken.', labels: ['reason'] },
    () => [...readings(refusedConnections, 'reason')])
  exposition.counter({ name: 'gateway_tls_handshakes_total', help: 'TLS handshakes done.', labels: ['tls_protocol_version'] },
    () => [...readings(handshakes.done, 'tls_protocol_version')])
  exposition.counter({ name: 'gateway_tls_handshake_failures_total', help: 'TLS handshakes that failed.', labels: ['reason'] },
    () => [...readings(handshakes.failed, 'reason')])
  exposition.gauge({ name: 'gateway_tls_certificate_not_after_timestamp_seconds', help: 'When the server certificate expires, in Unix time.' },
    () => certificateExpires().getTime() / 1000)
}

function exposeRefusals (exposition: Exposition, { refusedRequests }: EdgeCounts, limiter: Observed['limiter']): void {
  exposition.counter({
    name: 'gateway_refused_requests_total',
    help: 'Requests that the gateway answered with an error of its own, by the code that clients are told.',
    labels: ['error_type']
  }, () => [...readings(refusedRequests, 'error_type')])
  if (!isShared(limiter)) return
  exposition.gauge({
    name: 'gateway_rate_limit_store_connected', help: 'Whether the shared rate limit answered the last time it was asked.'
  }, () => limiter.connected ? 1 : 0)
  exposition.counter({
    name: 'gateway_rate_limit_store_failures_total',
    help: 'Requests whose rate limit this gateway decided alone, since the shared one did not answer.'
  }, () => limiter.failures)
}

function exposeExchanges (exposition: Exposition, { exchanges }: EdgeCounts): void {
  exposition.histogram({ name: 'gateway_exchange_items', help: 'Requests in one exchange.' }, () => [[{}, exchanges.items]])
  exposition.gauge({ name: 'gateway_exchange_requests_waiting', help: 'Requests that wait for an exchange.' }, () => exchanges.waiting)
}

function exposeUpstreams (exposition: Exposition, upstreams: UpstreamPool): void {
  const labels = ['server_address', 'server_port']
  const each = (read: (backend: Backend) => number) => () => upstreams.backends.map((backend) => [server(backend), read(backend)] as const)
  exposition.histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Time from a request to an upstream to the end of its answer.',
    labels: [...labels, 'http_response_status_class', 'error_type']
  }, () => upstreams.backends.flatMap((backend) =>
    [...backend.calls.durations()].map(([outcome, distribution]) => [{ ...server(backend), ...outcome }, distribution] as const)))
  exposition.gauge({ name: 'http_client_active_requests', help: 'Requests sent to an upstream and not answered in full.', labels },
    each(({ inFlight }) => inFlight))
  exposition.gauge({ name: 'gateway_upstream_model_refused', help: 'Whether the upstream says that it refused a model.', labels },
    each(({ refusesModel }) => refusesModel ? 1 : 0))
  exposition.counter({ name: 'gateway_upstream_retries_total', help: 'Requests that went to another upstream after this one.', labels },
    each(({ calls }) => calls.retries))
  exposition.counter({ name: 'gateway_upstream_ejections_total', help: 'Times that an upstream was to get no requests for a while.', labels },
    each(({ calls }) => calls.ejections))
  exposition.gauge({ name: 'gateway_upstream_up', help: 'Whether the upstream’s last health check was good.', labels },
    each(({ health }) => health === 'up' ? 1 : 0))
  exposition.gauge({ name: 'gateway_upstream_requests_waiting', help: 'Requests that wait for an upstream with room.' }, () => upstreams.waiting)
  exposition.gauge({ name: 'gateway_upstreams_up', help: 'Upstreams whose last health check was good.' }, () => upstreams.up)
  exposition.gauge({ name: 'gateway_upstreams', help: 'Upstreams that are known.' }, () => upstreams.size)
}

function server ({ address }: Backend): Record<string, string> {
  const { hostname, port } = new URL(`http://${address}`)
  return { server_address: hostname, server_port: port || '80' }
}

function * readings (tally: Tally, label: string): Generator<Reading<number>> {
  for (const [name, count] of tally) yield [{ [label]: name }, count]
}
