import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { opensslEnvironment } from '../tls.ts'
import { runTool } from '../tools.ts'
import type { BenchScope } from '../scope.ts'
import type { Counted, Load } from './load.ts'

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** Loads with wrk, from a thread a core. */
export async function loadWithWrk (scope: BenchScope, wrk: string, { url, payload, connections, seconds }: Load): Promise<Counted> {
  const bodyFile = join(scope.folder, 'request-body')
  const expectedFile = join(scope.folder, 'expected-answer')
  writeFileSync(bodyFile, payload.body)
  writeFileSync(expectedFile, payload.expected)
  const threads = Math.min(connections, availableParallelism())
  const output = await runTool(scope, wrk, [
    '--threads', String(threads), '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', '10s',
    '--script', script,
    `${url}/predict`, '--', bodyFile, expectedFile, payload.contentType
  ], opensslEnvironment(scope.folder))
  const { microseconds, ...counts } = JSON.parse(output.trim().split('\n').at(-1)!) as Counted & { microseconds: number }
  return { ...counts, seconds: microseconds / 1e6 }
}
