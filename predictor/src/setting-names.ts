/** Every setting of either service: both can share one environment, so the other's names are not mistakes. */
const settings = [
  'GATEWAY_HOST', 'HTTPS_PORT', 'HTTP_PORT', 'PUBLIC_HTTPS_PORT', 'GATEWAY_ADMIN_HOST', 'GATEWAY_ADMIN_PORT',
  'ALLOWED_HOSTS', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_MIN_VERSION', 'HTTP2', 'HSTS_MAX_AGE', 'CLIENT_AUTH',
  'CLIENT_CA_FILE', 'CLIENT_CRL_FILE', 'CLIENT_AUTH_EXEMPT', 'PREDICTOR_URL', 'UPSTREAM_HEALTH_PATH', 'RATE_LIMIT_RPS',
  'RATE_LIMIT_BURST', 'RATE_LIMIT_STORE_URL', 'MAX_CONNECTIONS', 'MAX_CONNECTIONS_PER_CLIENT', 'TRUST_PROXY',
  'PROXY_PROTOCOL', 'BODY_LIMIT', 'HEADER_LIMIT', 'HEADERS_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS', 'KEEP_ALIVE_TIMEOUT_MS',
  'HANDSHAKE_TIMEOUT_MS', 'UPSTREAM_TIMEOUT_MS', 'COALESCE_PATHS', 'COALESCE_MAX', 'UPSTREAM_QUEUE_MAX',
  'SLACK_WEBHOOK_URL', 'SLACK_CHANNEL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG', 'LOG_LEVEL', 'DRAIN_DELAY_MS',
  'SHUTDOWN_TIMEOUT_MS', 'PREDICTOR_HOST', 'PREDICTOR_PORT', 'PREDICTOR_ADMIN_HOST', 'PREDICTOR_ADMIN_PORT', 'MODEL_DIR',
  'TFJS_BACKEND', 'BATCH_MAX', 'BATCH_QUEUE_MAX', 'BATCH_ROWS_MAX', 'MODEL_VERSIONS_KEPT'
]
// OpenSSL's own variable is two slips from TLS_CERT_FILE, and set on many machines.
const known = new Set([...settings, 'SSL_CERT_FILE'])
const nearest = 2

/** A sentence for each name that is almost a setting's: at most two slips away, or in the wrong case. */
export function misspeltSettings (names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (known.has(name)) return []
    const meant = settings
      .map((setting) => ({ setting, slips: slips(name.toUpperCase(), setting) }))
      .sort((a, b) => a.slips - b.slips)[0]
    return meant !== undefined && meant.slips <= nearest
      ? [`${name} is not a setting and has no effect; did you mean ${meant.setting}?`]
      : []
  })
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, one each.
 * Names whose lengths alone put them out of reach are not compared.
 */
function slips (a: string, b: string): number {
  if (Math.abs(a.length - b.length) > nearest) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, substituted)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, beforeLast[j - 2]! + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
