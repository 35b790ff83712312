import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../../e2e/process.ts'
import { start } from '../processes.ts'
import type { BenchScope } from '../scope.ts'
import { python } from '../tools.ts'

const folder = fileURLToPath(new URL('flask', import.meta.url))

/**
 * Gunicorn with Flask and a scikit-learn SVC, on a Unix socket in the bench's folder, trained at the first call.
 *
 * `usual` is what most guides end with: one synchronous worker, the model read for each request. `tuned` has a worker a core
 * and reads the model once.
 * @returns the upstream address for Nginx
 */
export function startFlask (scope: BenchScope, kind: 'usual' | 'tuned'): string {
  const model = join(scope.folder, 'model.pkl')
  if (!existsSync(model)) execFileSync(python!, [join(folder, 'train.py'), join(root, 'model/data/iris.csv'), model])
  const socket = join(scope.folder, `${kind}.sock`)
  const workers = kind === 'tuned' ? availableParallelism() : 1
  start(scope, python!, ['-m', 'gunicorn', '--chdir', folder, '--bind', `unix:${socket}`, '--workers', String(workers), 'app:app'], {
    MODEL_FILE: model, PYTHONDONTWRITEBYTECODE: '1', ...(kind === 'tuned' ? { LOAD_ONCE: '1' } : {})
  })
  return `unix:${socket}`
}
