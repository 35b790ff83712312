import { readFileSync } from 'node:fs'
import { fromSource, runToEnd } from '../../e2e/process.ts'
import { freePorts } from '../../e2e/stack.ts'
import { start, told } from '../processes.ts'
import type { Started } from '../processes.ts'
import type { BenchScope } from '../scope.ts'
import type { Certificate } from './peer.ts'

/** A service of this project, built, with `NODE_ENV=production`, and everything on. */
export interface Service extends Started {
  url: string
  /** Milliseconds from the start of its process to its first readiness. */
  readyAfter: number
}

/** As `pnpm build` does. */
export async function buildProduct (scope: BenchScope): Promise<void> {
  const { code, output } = await runToEnd(scope, fromSource('deploy/build.ts'))
  if (code !== 0) throw new Error(output)
}

export const startPredictor = (scope: BenchScope): Promise<Service> => startService(scope, 'predictor')

// Every limit is evaluated for every request, and none is reached.
const limits = {
  RATE_LIMIT_RPS: '1000000', RATE_LIMIT_BURST: '1000000', MAX_CONNECTIONS: '10000', MAX_CONNECTIONS_PER_CLIENT: '10000'
}

export function startGateway (scope: BenchScope, { env }: Certificate, predictorUrl: string): Promise<Service> {
  return startService(scope, 'gateway', { ...env, ...limits, PREDICTOR_URL: predictorUrl })
}

// As in the images and under `pnpm start`.
const flags: Record<string, string[]> = { gateway: ['--max-semi-space-size=4'] }

async function startService (scope: BenchScope, name: string, env: Record<string, string> = {}): Promise<Service> {
  const began = performance.now()
  const service = start(scope, process.execPath, [...flags[name] ?? [], `${name}/dist/server.js`], { NODE_ENV: 'production', ...freePorts, ...env })
  const { url, adminUrl } = await told<{ url: string, adminUrl: string }>(service)
  while ((await fetch(`${adminUrl}/readyz`)).status !== 200) {
    // It says when it listens; a gateway is ready a health check of its upstream later.
  }
  return { ...service, url, readyAfter: performance.now() - began }
}

/** The tfjs backend that the predictor chose, as its log says. */
export function backendOf ({ logFile }: Service): string {
  const line = readFileSync(logFile, 'utf8').split('\n').find((text) => text.includes('"msg":"listening"'))!
  return (JSON.parse(line) as { backend: string }).backend
}
