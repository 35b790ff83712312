import type { TestContext } from 'node:test'
import { startBackend } from '../../src/model/backend.ts'
import { type LoadedModel, loadVersion } from '../../src/model/load.ts'
import type { Refusals } from '../../src/model/refusals.ts'
import { ModelVersions } from '../../src/model/versions.ts'

/** A model folder that is followed, on a clock that stands still between looks. */
export interface Followed {
  /** Looks so many seconds after the last time. @returns the version that serves then */
  look: (seconds: number) => Promise<string>
  model: () => LoadedModel
  refusals: Refusals
  /** Messages, with the version and reason that they tell. */
  told: unknown[][]
  versions: ModelVersions
}

export async function follow (t: TestContext, modelDir: string, load = loadVersion): Promise<Followed> {
  await startBackend('cpu')
  const refusals: Refusals = { total: 0 }
  const told: unknown[][] = []
  const logger = {
    info: (fields: object | string, message?: string) => { told.push([message ?? fields]) },
    error: (fields: { version?: string, reason?: string }, message?: string) => { told.push([message, fields.version, fields.reason]) }
  }
  let now = 0
  const versions = new ModelVersions({ modelDir, backend: 'cpu', logger, refusals, load, now: () => now })
  let model = await versions.start()
  t.after(() => { model.dispose() })
  const look = async (seconds: number) => {
    now += seconds * 1000
    const next = await versions.look()
    if (next !== undefined) {
      model.dispose()
      model = next
    }
    return model.signature.version
  }
  return { look, model: () => model, refusals, told, versions }
}
