import type { FastifyBaseLogger } from 'fastify'
import type { BodyWatch } from '../../inference/predictions.ts'
import { createProvider } from './export.ts'
import { FailureReports } from './failure-reports.ts'
import { PredictorSpans, type Share } from './predictor-spans.ts'
import { recordedParent } from './traceparent.ts'
import type { AnswerItems, Collector, Tracing } from './tracing.ts'

// Milliseconds that the last spans may take, and that they leave before the deadline: they are not worth a late exit.
const longestFlush = 3000
const margin = 250

/** Tracing by the OpenTelemetry SDK: the way in to all that a predictor without a collector never loads. */
export function createTracing (collector: Collector, logger: FastifyBaseLogger): Tracing {
  const reports = new FailureReports(logger)
  const provider = createProvider(collector, reports)
  const spans = new PredictorSpans(provider.getTracer('model-edge'))
  return {
    follow: (request, reply) => {
      const parent = recordedParent(request.headers.traceparent, request.headers.tracestate)
      if (parent === undefined) return
      const start = performance.now()
      const shares: Share[] = []
      request.watch = (execution, bodies) => { shares.push({ execution, rows: bodies.length }) }
      // Not Fastify's `onResponse`, which is never called for a caller that leaves before its answer.
      const { raw } = reply
      raw.once('close', () => {
        const status = raw.writableFinished ? reply.statusCode : undefined
        spans.recordRequest(request, { parent, shares, start, end: performance.now(), status })
      })
    },
    around: (answer, path) => aroundItems(spans, answer, path),
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

/** Spans for those of an exchange's items that their callers record. */
function aroundItems (spans: PredictorSpans, answer: AnswerItems, path: string): AnswerItems {
  return async (items) => {
    const parents = items.map(({ traceparent, tracestate }) => recordedParent(traceparent, tracestate))
    if (parents.every((parent) => parent === undefined)) return answer(items)
    const start = performance.now()
    const shares: Share[][] = items.map(() => [])
    const watch: BodyWatch = (execution, bodies) => {
      for (const i of bodies) shares[i]!.push({ execution, rows: 1 })
    }
    const record = (statusOf: (i: number) => number) => {
      const end = performance.now()
      for (const [i, parent] of parents.entries()) {
        if (parent === undefined) continue
        spans.recordItem(items[i]!, path, items.length, { parent, shares: shares[i]!, start, end, status: statusOf(i) })
      }
    }
    try {
      const answers = await answer(items, watch)
      record((i) => answers[i]!.status)
      return answers
    } catch (error) {
      record(() => (error as { statusCode?: number }).statusCode ?? 500)
      throw error
    }
  }
}
