import { Worker } from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'

/**
 * Starts the worker's thread: built, a bundle beside this one; from source, a TypeScript file, for which tsx is asked first,
 * since Node.js 20 does not hand it on to threads.
 */
export function startWorker (options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./slack-worker.js', import.meta.url), { ...options, execArgv: [] })
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const source = JSON.stringify(new URL('./worker.ts', import.meta.url).href)
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${source}) })`
  return new Worker(code, { ...options, execArgv: [], eval: true })
}
