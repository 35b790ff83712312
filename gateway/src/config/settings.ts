import { fileURLToPath } from 'node:url'
import * as kinds from './kinds.ts'
import type { Kind } from './kinds.ts'
import * as otlp from './otlp-kinds.ts'
import { channel, webhookUrl } from './slack-kinds.ts'

/** One environment variable: what it may be, its default (as text, none: unset), and whether its value is a secret. */
export interface Setting<T> {
  kind: Kind<T>
  default?: string
  secret?: boolean
}

const setting = <T>(kind: Kind<T>, fallback: string): Setting<T> => ({ kind, default: fallback })
const optional = <T>(kind: Kind<T>, { secret = false } = {}): Setting<T | undefined> => ({ kind, secret })

/** The certificate that `pnpm certs dev` makes; the path is the same from src/config and from the built dist/. */
function localCertificate (name: string): string {
  const up = import.meta.url.includes('/src/config/') ? '../../..' : '../..'
  return fileURLToPath(new URL(`${up}/certs/local/${name}`, import.meta.url))
}

/** Every variable of the gateway. Sizes are bytes, times milliseconds. The table in the README says the same. */
export const settings = {
  GATEWAY_HOST: setting(kinds.text, '127.0.0.1'),
  HTTPS_PORT: setting(kinds.port, '8443'),
  HTTP_PORT: setting(kinds.portOrOff, '8080'),
  PUBLIC_HTTPS_PORT: optional(kinds.integer(1, 65535)),
  GATEWAY_ADMIN_HOST: setting(kinds.text, '127.0.0.1'),
  GATEWAY_ADMIN_PORT: setting(kinds.port, '9090'),
  ALLOWED_HOSTS: setting(kinds.list(kinds.host), ''),
  TLS_CERT_FILE: setting(kinds.text, localCertificate('server.crt')),
  TLS_KEY_FILE: setting(kinds.text, localCertificate('server.key')),
  TLS_MIN_VERSION: setting(kinds.oneOf('TLSv1.2', 'TLSv1.3'), 'TLSv1.2'),
  CLIENT_AUTH: setting(kinds.oneOf('off', 'optional', 'required'), 'off'),
  CLIENT_CA_FILE: optional(kinds.text),
  CLIENT_CRL_FILE: optional(kinds.text),
  CLIENT_AUTH_EXEMPT: setting(kinds.list(kinds.path), ''),
  HTTP2: setting(kinds.oneOf('auto', 'on', 'off'), 'auto'),
  HSTS_MAX_AGE: optional(kinds.integer(0)),
  PREDICTOR_URL: setting(kinds.list(kinds.origin), 'http://127.0.0.1:8000'),
  UPSTREAM_HEALTH_PATH: setting(kinds.path, '/v2/health/ready'),
  UPSTREAM_TIMEOUT_MS: setting(kinds.milliseconds(), '10000'),
  UPSTREAM_QUEUE_MAX: setting(kinds.integer(0), '2048'),
  COALESCE_PATHS: setting(kinds.list(kinds.path), '/predict'),
  COALESCE_MAX: setting(kinds.integer(0, 10000), '256'),
  RATE_LIMIT_RPS: setting(kinds.decimal, '50'),
  RATE_LIMIT_BURST: setting(kinds.integer(1, 1000000), '100'),
  RATE_LIMIT_STORE_URL: optional(kinds.redisUrl, { secret: true }),
  MAX_CONNECTIONS: setting(kinds.integer(1), '4096'),
  MAX_CONNECTIONS_PER_CLIENT: setting(kinds.integer(1), '64'),
  TRUST_PROXY: setting(kinds.networks, ''),
  PROXY_PROTOCOL: setting(kinds.oneOf('on', 'off'), 'off'),
  BODY_LIMIT: setting(kinds.integer(0, 1073741824), '1048576'),
  HEADER_LIMIT: setting(kinds.integer(1024, 1048576), '16384'),
  HEADERS_TIMEOUT_MS: setting(kinds.milliseconds(), '10000'),
  REQUEST_TIMEOUT_MS: setting(kinds.milliseconds(), '30000'),
  KEEP_ALIVE_TIMEOUT_MS: setting(kinds.milliseconds(), '65000'),
  HANDSHAKE_TIMEOUT_MS: setting(kinds.milliseconds(), '10000'),
  SLACK_WEBHOOK_URL: optional(webhookUrl, { secret: true }),
  SLACK_CHANNEL: optional(channel),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(otlp.endpoint, { secret: true }),
  OTEL_EXPORTER_OTLP_HEADERS: optional(otlp.headers, { secret: true }),
  OTEL_TRACES_SAMPLER: setting(kinds.oneOf('parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'), 'parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: setting(otlp.ratio, '1'),
  LOG_LEVEL: setting(kinds.oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'), 'info'),
  DRAIN_DELAY_MS: setting(kinds.milliseconds(0), '0'),
  SHUTDOWN_TIMEOUT_MS: setting(kinds.milliseconds(), '35000')
}

/** The gateway's configuration: one property an environment variable, parsed. */
export type Config = { [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer T> ? T : never }

/**
 * Names that are no misspellings of the above: the predictor's variables (both services may share one environment), and
 * what other programs know.
 */
export const foreignNames = [
  'SSL_CERT_FILE',
  'PREDICTOR_HOST', 'PREDICTOR_PORT', 'PREDICTOR_ADMIN_HOST', 'PREDICTOR_ADMIN_PORT', 'MODEL_DIR', 'TFJS_BACKEND',
  'BATCH_MAX', 'BATCH_QUEUE_MAX', 'BATCH_ROWS_MAX', 'MODEL_VERSIONS_KEPT'
]
