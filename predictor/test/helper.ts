import type { TestContext } from 'node:test'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { buildAdmin } from '../src/admin.ts'
import { buildPredictor } from '../src/app.ts'
import { type BackendName, startBackend } from '../src/model/backend.ts'
import { loadModel, type LoadedModel } from '../src/model/load.ts'
import type { Readiness } from '../src/readiness.ts'
import { flowers, type Regression, writeModel } from './model-folder.ts'

/** A predictor as `server.ts` composes it, without the process around it. */
export interface TestPredictor {
  app: FastifyInstance
  admin: FastifyInstance
  model: LoadedModel
  readiness: Readiness
  /** The log lines written so far, at debug level. */
  lines: Record<string, unknown>[]
}

/** Builds both ports' applications on a regression; closed after the test. */
export async function predictor (t: TestContext, regression: Regression = flowers, backend: BackendName = 'cpu'): Promise<TestPredictor> {
  const model = await load(t, await writeModel(t, regression), backend)
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const readiness = { ready: true }
  const parts = { model, readiness, logger }
  const [app, admin] = [buildPredictor(parts), buildAdmin(parts)]
  t.after(async () => { await app.close(); await admin.close() })
  return { app, admin, model, readiness, lines }
}

/** Starts a backend and loads a model folder; its tensors are freed after the test. */
export async function load (t: TestContext, folder: string, backend: BackendName = 'cpu'): Promise<LoadedModel> {
  await startBackend(backend)
  const model = await loadModel(folder, backend)
  t.after(() => { model.dispose() })
  return model
}

/** Posts a JSON text to `/predict`. */
export async function predict (app: FastifyInstance, body: string): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/predict', headers: { 'content-type': 'application/json' }, body })
}
