import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Collector } from './tracing.ts'
import type { FailureReports } from './failure-reports.ts'

// Spans that wait; past it they are dropped and counted. About 5 MB.
const maxQueueSize = 4096
const scheduledDelayMillis = 1000
/** For one batch, attempts and all. */
const timeoutMillis = 5000
// A span is a few hundred bytes; what clients can make long must not change that.
const attributeValueLengthLimit = 1024

/** The official SDK, set up to export every span it is given: whether to record is decided before. */
export function createProvider (collector: Collector, reports: FailureReports): TracerProvider {
  tellWarnings(reports)
  const exporter = watched(new OTLPTraceExporter({
    url: `${collector.endpoint.replace(/\/$/, '')}/v1/traces`, headers: collector.headers, timeoutMillis
  }), reports)
  return new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({
      'service.namespace': 'model-edge',
      'service.name': 'predictor',
      'service.instance.id': randomUUID(),
      'host.name': hostname(),
      'process.pid': process.pid
    })),
    spanLimits: { attributeValueLengthLimit },
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize, scheduledDelayMillis })]
  })
}

/** An exporter whose failures are told. */
function watched (exporter: SpanExporter, reports: FailureReports): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans, (result) => {
      if (result.error === undefined) reports.succeeded()
      else reports.failed(result.error.message, spans.length)
      done(result)
    }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown()
  }
}

/**
 * Passes on what the SDK warns of, such as a full queue or spans that the collector would not have; not its errors, which
 * tell of failed exports a second time, nor what comes with a warning, which may be the collector's whole answer.
 */
function tellWarnings (reports: FailureReports): void {
  const silent = () => {}
  diag.setLogger({
    error: silent,
    warn: (message, detail) => reports.failed(typeof detail === 'string' ? `${message} ${detail}` : message),
    info: silent,
    debug: silent,
    verbose: silent
  }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
