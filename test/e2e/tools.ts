import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/**
 * Whether a program that a test wants is there. When it is not, the test is skipped with a line that says so, and fails
 * where every tool is required.
 */
export function hasTool (t: TestContext, program: string, ...versionArgs: string[]): boolean {
  const { error } = spawnSync(program, versionArgs, { stdio: 'ignore' })
  if (error === undefined) return true
  if (process.env.REQUIRE_TOOLS === '1') throw new Error(`${program} is not installed`)
  t.skip(`${program} is not installed`)
  return false
}
