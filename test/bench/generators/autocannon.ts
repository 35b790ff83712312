import autocannon from 'autocannon'
import { isExpected } from '../payload.ts'
import { percentile } from '../statistics.ts'
import { nodeTls } from '../tls.ts'
import type { BenchScope } from '../scope.ts'
import type { Counted, Load } from './load.ts'

/**
 * Loads with autocannon, which runs in this process.
 * @param rate requests per second in all; none: as many as go through. Each connection sends its part of a second's requests
 * one after another at the second's beginning, so that this is a short burst every second rather than a steady rate.
 * @returns the counts, and the 99th percentile of the latency in milliseconds, without the first second, in which connections
 *   are opened: what a handshake costs is another figure
 */
export async function loadWithAutocannon (scope: BenchScope, what: Load, rate?: number): Promise<Counted & { p99: number }> {
  const { url, payload, connections, seconds } = what
  const began = performance.now()
  const latencies: number[] = []
  const result = await untilDone(scope, (latency) => { if (performance.now() - began >= 1000) latencies.push(latency) }, {
    url: `${url}/predict`,
    method: 'POST',
    headers: { 'content-type': payload.contentType },
    body: payload.body,
    connections,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
    verifyBody: (body) => isExpected(payload, String(body)),
    tlsOptions: nodeTls
  })
  return {
    requests: result.requests.total,
    seconds: result.duration,
    wrong: result.mismatches + result.non2xx,
    failed: result.errors,
    p99: percentile(latencies.sort((a, b) => a - b), 0.99)
  }
}

function untilDone (scope: BenchScope, answered: (latency: number) => void, options: autocannon.Options): Promise<autocannon.Result> {
  return new Promise((resolve, reject) => {
    const running = autocannon(options, (error, result) => {
      scope.signal.removeEventListener('abort', stop)
      if (error) reject(error)
      else resolve(result)
    })
    running.on('response', (_client, _status, _bytes, latency) => answered(latency))
    const stop = () => running.stop()
    scope.signal.addEventListener('abort', stop)
  })
}
