import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { buildPredictor } from '../../../src/app.ts'
import type { Config } from '../../../src/config.ts'
import { InferenceCounts } from '../../../src/observe/metrics/inference.ts'
import { startTracing } from '../../../src/observe/tracing/tracing.ts'
import { ModelsInService } from '../../../src/serving.ts'
import { load } from '../../helper.ts'
import { flowers, writeModel } from '../../model-folder.ts'
import { type Collector, startCollector } from './collector.ts'

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
export const traceparent = (caller: string, flags = '01', trace = traceId) => `00-${trace}-${caller}-${flags}`

/** A predictor that listens and exports its spans to a collector of its own. */
export async function tracedPredictor (t: TestContext, batches: Partial<Config['batches']> = {}) {
  const collector: Collector = await startCollector(t)
  const model = await load(t, await writeModel(t, flowers))
  const logger = pino({ level: 'silent' })
  const tracing = await startTracing({ endpoint: collector.url, headers: {} }, logger)
  const limits = { executionMax: 256, queueMax: 2048, rowsMax: 10_000, ...batches }
  const models = new ModelsInService(model, limits, new InferenceCounts())
  const app = buildPredictor({ models, readiness: { ready: true }, logger, batches: limits, tracing })
  await app.ready()
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  t.after(async () => { await app.close(); await tracing!.close(0) })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const post = async (type: string, body: string | Buffer, headers = {}) => {
    const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': type, ...headers }, body: body as never })
    return { status: response.status, text: await response.text() }
  }
  return { collector, model, tracing: tracing!, url, post }
}
