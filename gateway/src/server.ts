import { buildAdmin } from './admin.ts'
import { buildGateway, publicPort } from './app.ts'
import { check } from './check.ts'
import { loadConfig } from './config.ts'
import type { Config } from './config.ts'
import { ConnectionLimits } from './limits/connections.ts'
import { createRateLimiter, isShared } from './limits/rate-limit.ts'
import { MistakesError } from './mistakes.ts'
import { createLogger } from './observe/logger.ts'
import { createMetrics } from './observe/metrics.ts'
import { EdgeCounts } from './observe/metrics/counts.ts'
import { startSlack } from './observe/slack/start-slack.ts'
import { startTracing } from './observe/tracing/tracing.ts'
import { openPort } from './ports.ts'
import { endWithGrace, switchLevelOnSignal } from './process-life.ts'
import { buildRedirect } from './redirect.ts'
import { hstsMaxAge, securityHeaders } from './security-headers.ts'
import { StartMark } from './start-mark.ts'
import { chooseHttp2 } from './tls/http2-support.ts'
import { LiveTlsMaterial, loadTlsMaterial } from './tls/material.ts'
import { createUpstreams } from './upstream/pool.ts'

const args = process.argv.slice(2)

try {
  const unknown = args.filter((arg) => arg !== '--check')
  if (unknown.length > 0) throw new MistakesError([`unknown argument ${unknown[0]}. The only one is --check.`])
  if (args.length === 0) await serve()
  else for (const line of await check()) process.stdout.write(`gateway: ${line}\n`)
} catch (error) {
  if (!(error instanceof MistakesError)) throw error
  for (const mistake of error.mistakes) process.stderr.write(`gateway: ${mistake}\n`)
  process.exit(1)
}

async function serve (): Promise<void> {
  const { config, warnings } = loadConfig()
  const material = await loadTlsMaterial(config)
  const logger = await createLogger(config.LOG_LEVEL, config.SLACK_WEBHOOK_URL !== undefined)
  const slack = startSlack(config, logger)
  for (const warning of warnings) logger.warn(warning)
  const { http2, why } = chooseHttp2(config.HTTP2)
  if (why !== undefined) logger.info(why)

  const tls = new LiveTlsMaterial(config, material, logger)
  const upstreams = createUpstreams(config, logger)
  const limiter = await createRateLimiter(config, logger)
  const connections = new ConnectionLimits(config.MAX_CONNECTIONS, config.MAX_CONNECTIONS_PER_CLIENT)
  if (isShared(limiter)) await limiter.opened
  const tracing = await startTracing(config, logger)
  const counts = new EdgeCounts()
  const parts = { logger, limiter, connections, counts, tracing, headers: await securityHeaders(hstsMaxAge(config)) }
  const gateway = await buildGateway(config, { ...parts, tls, http2, upstreams })
  const redirect = await buildRedirect(config, parts, () => publicPort(config, gateway))
  let draining = false
  let endsBy = Infinity
  const certificateExpires = () => tls.current.credentials.expires
  const metrics = createMetrics({ counts, certificateExpires, connections, limiter, upstreams, slack })
  const admin = buildAdmin({ logger, isReady: () => !draining && upstreams.isReady, metrics })

  switchLevelOnSignal(logger)
  await upstreams.start()
  const addresses = await openPorts(config, gateway, redirect, admin)
  const mark = new StartMark(config, logger)
  mark.set()
  endWithGrace({
    logger,
    drainDelay: config.DRAIN_DELAY_MS,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT_MS,
    unready: () => {
      draining = true
      endsBy = performance.now() + config.SHUTDOWN_TIMEOUT_MS
    },
    inOrder: () => mark.clear(),
    close: async () => {
      await Promise.all([gateway.close(), redirect.close()])
      tls.close()
      await Promise.all([admin.close(), upstreams.close(), tracing?.close(endsBy)])
      if (isShared(limiter)) limiter.close()
    }
  })
  logger.info({ ...addresses, pid: process.pid }, 'listening')
  // A supervising parent is told once every port is open.
  process.send?.({ event: 'listening', ...addresses })
}

type App = Awaited<ReturnType<typeof buildGateway>>

async function openPorts (config: Config, gateway: App, redirect: App, admin: App) {
  const { GATEWAY_HOST: host, HTTPS_PORT, HTTP_PORT, GATEWAY_ADMIN_HOST, GATEWAY_ADMIN_PORT } = config
  const url = await openPort({ app: gateway, host, port: HTTPS_PORT, variable: 'HTTPS_PORT' }, 'https')
  const redirectUrl = HTTP_PORT === 'off' ? undefined : await openPort({ app: redirect, host, port: HTTP_PORT, variable: 'HTTP_PORT' }, 'http')
  const adminUrl = await openPort({ app: admin, host: GATEWAY_ADMIN_HOST, port: GATEWAY_ADMIN_PORT, variable: 'GATEWAY_ADMIN_PORT' }, 'http')
  return { url, redirectUrl, adminUrl }
}
