import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { buildAdmin } from '../src/admin.ts'
import { buildPredictor } from '../src/app.ts'
import type { Config } from '../src/config.ts'
import { type BackendName, startBackend } from '../src/model/backend.ts'
import { type LoadedModel, loadVersion } from '../src/model/load.ts'
import type { Refusals } from '../src/model/refusals.ts'
import { findVersions } from '../src/model/version-folder.ts'
import { PredictorCounts } from '../src/observe/metrics/counts.ts'
import type { Readiness } from '../src/readiness.ts'
import { ModelsInService } from '../src/serving.ts'
import { flowers, type Regression, writeModel } from './model-folder.ts'

const defaultBatches = { executionMax: 256, queueMax: 2048, rowsMax: 10_000 }

/** A predictor as `server.ts` composes it, without the process around it. */
export interface TestPredictor {
  app: FastifyInstance
  admin: FastifyInstance
  /** The one that serves at first. */
  model: LoadedModel
  models: ModelsInService
  refusals: Refusals
  readiness: Readiness
  counts: PredictorCounts
  /** The log lines written so far, at debug level. */
  lines: Record<string, unknown>[]
}

/** Builds both ports' applications on a regression; closed after the test. */
export async function predictor (t: TestContext, regression: Regression = flowers, backend: BackendName = 'cpu', batches: Partial<Config['batches']> = {}): Promise<TestPredictor> {
  await startBackend(backend)
  const model = await loadHighest(await writeModel(t, regression), backend)
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const readiness = { ready: true }
  const counts = new PredictorCounts()
  const limits = { ...defaultBatches, ...batches }
  const models = new ModelsInService(model, limits, counts.inference)
  const refusals: Refusals = { total: 0 }
  const parts = { models, refusals, readiness, logger, batches: limits, counts }
  const [app, admin] = [buildPredictor(parts), buildAdmin(parts)]
  t.after(async () => { await app.close(); await admin.close(); await models.close() })
  return { app, admin, model, models, refusals, readiness, counts, lines }
}

/** Starts a backend and loads a model folder; its tensors are freed after the test. */
export async function load (t: TestContext, folder: string, backend: BackendName = 'cpu'): Promise<LoadedModel> {
  await startBackend(backend)
  const model = await loadHighest(folder, backend)
  t.after(() => { model.dispose() })
  return model
}

/** Loads the highest version of a model folder. */
export async function loadHighest (folder: string, backend: BackendName = 'cpu'): Promise<LoadedModel> {
  const [version] = await findVersions(folder)
  return loadVersion(version!, backend)
}

/** Posts a JSON text to `/predict`. */
export async function predict (app: FastifyInstance, body: string): Promise<LightMyRequestResponse> {
  return post(app, 'application/json', body)
}

/** One request of an exchange, as a test writes it. */
export interface Item { body: string | Uint8Array, id?: string, traceparent?: string }

/** Writes an exchange as the gateway does: a line that tells of each body, then the bodies. */
export function writeItems (items: readonly Item[]): Buffer {
  const bodies = items.map(({ body }) => Buffer.from(body as string))
  const told = items.map(({ body: _, ...rest }, i) => ({ length: bodies[i]!.length, ...rest }))
  return Buffer.concat([Buffer.from(`${JSON.stringify(told)}\n`), ...bodies])
}

/** Takes an exchange's answer apart; its lengths must add up. */
export function readAnswers (payload: Buffer): { status: number, body: string }[] {
  const lineEnd = payload.indexOf('\n')
  const told = JSON.parse(payload.toString('utf8', 0, lineEnd)) as [status: number, length: number][]
  let at = lineEnd + 1
  const answers = told.map(([status, length]) => {
    at += length
    return { status, body: payload.toString('utf8', at - length, at) }
  })
  assert.equal(at, payload.length)
  return answers
}

/** Posts bytes of any type to `/predict`. */
export async function post (app: FastifyInstance, type: string, body: string | Buffer, headers = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/predict', headers: { 'content-type': type, ...headers }, body })
}
