import { fromSource, run } from '../process.ts'
import type { Running, Scope } from '../process.ts'
import { healthPath } from './recording-upstream.ts'

// What waits in vain ends soon, and nothing but the bytes decides: no rate limit.
const settings = {
  GATEWAY_HOST: '127.0.0.1',
  HTTPS_PORT: '0',
  HTTP_PORT: 'off',
  GATEWAY_ADMIN_PORT: '0',
  RATE_LIMIT_RPS: '0',
  HEADERS_TIMEOUT_MS: '1000',
  REQUEST_TIMEOUT_MS: '1000',
  KEEP_ALIVE_TIMEOUT_MS: '1000',
  UPSTREAM_TIMEOUT_MS: '2000',
  UPSTREAM_HEALTH_PATH: healthPath
}

/** The gateway as a process of its own before `upstream`. */
export async function startGateway (t: Scope, upstream: string, env: Record<string, string>): Promise<{ port: number, process: Running }> {
  const running = run(t, fromSource('gateway/src/server.ts'), { ...settings, PREDICTOR_URL: upstream, ...env })
  const [line] = await running.said(/^\{.*"msg":"listening".*\}$/m)
  return { port: Number(new URL(JSON.parse(line).url).port), process: running }
}
