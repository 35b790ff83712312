import type { FastifyBaseLogger } from 'fastify'
import { createProvider } from './export.ts'
import type { Collector } from './export.ts'
import { FailureReports } from './failure-reports.ts'
import { GatewaySpans } from './gateway-spans.ts'
import { SpanIds } from './span-ids.ts'
import type { Tracing } from './tracing.ts'

interface TracingOptions {
  collector: Collector
  share: number
  /** Paths that may stand in a span's name. */
  routes: string[]
  logger: FastifyBaseLogger
}

// Milliseconds that the last spans may take, and that they leave before the deadline: they are not worth a late exit.
const longestFlush = 3000
const margin = 250

/** Tracing by the OpenTelemetry SDK: the way in to all that a gateway without a collector never loads. */
export function createTracing ({ collector, share, routes, logger }: TracingOptions): Tracing {
  const reports = new FailureReports(logger)
  const ids = new SpanIds()
  const provider = createProvider(collector, ids, reports)
  const spans = new GatewaySpans(provider.getTracer('model-edge'), ids, routes)
  return {
    share,
    record: (request) => spans.record(request),
    close: async (by) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          reports.failed('the last spans were not taken in time')
          resolve()
        }, Math.max(0, Math.min(longestFlush, by - margin - performance.now())))
      })
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
      reports.close()
    }
  }
}
