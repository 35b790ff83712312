import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runSuite, testFiles } from './run/suite.ts'
import type { Counts } from './run/suite.ts'

/**
 * `pnpm test`: lint, types, then every test that this machine has the tools for.
 *
 * `REQUIRE_TOOLS=1` makes a skipped test a failure. `ALSO_NODE=/path/to/node` runs the packages' tests on a second
 * Node.js too. `--record` writes down how many tests there are; a later run with fewer fails.
 */
process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const packages = ['gateway/test', 'predictor/test', 'model/test', 'certs/test']
const blackBox = ['test']
const record = 'test/run/recorded-count.json'
const strict = process.env.REQUIRE_TOOLS === '1'
const failures: string[] = []

step('lint', ['node_modules/eslint/bin/eslint.js', '.'])
step('types', ['node_modules/typescript/bin/tsc', '--build'])

const total = await runSuite(process.execPath, testFiles(packages))
add(await runSuite(process.execPath, testFiles(blackBox), { oneByOne: true }))
guardCount(total.passed + total.failed + total.skipped.length)
if (process.env.ALSO_NODE) add(await runSuite(process.env.ALSO_NODE, testFiles(packages)))
else total.skipped.push('the packages’ tests on a second Node.js: ALSO_NODE names none')

for (const reason of total.skipped) process.stdout.write(`skipped: ${reason}\n`)
if (strict && total.skipped.length > 0) failures.push(`${total.skipped.length} skipped, and REQUIRE_TOOLS=1 allows none`)
if (total.failed > 0) failures.push(`${total.failed} failed tests`)
for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`)
process.stdout.write(`${total.passed} passed, ${Math.max(total.failed, failures.length > 0 ? 1 : 0)} failed\n`)
process.exitCode = failures.length > 0 ? 1 : 0

function step (name: string, args: string[]): void {
  process.stdout.write(`${name} …\n`)
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) failures.push(name)
}

function add ({ passed, failed, skipped }: Counts): void {
  total.passed += passed
  total.failed += failed
  total.skipped.push(...skipped)
}

/** Tests that silently stopped being run are the worst kind of passing ones. */
function guardCount (count: number): void {
  if (process.argv.includes('--record')) writeFileSync(record, `${JSON.stringify({ tests: count })}\n`)
  const { tests } = JSON.parse(readFileSync(record, 'utf8')) as { tests: number }
  if (count < tests) failures.push(`only ${count} of the ${tests} tests on record ran (\`pnpm test --record\` after removing some)`)
  else if (count > tests) process.stdout.write(`${count} tests, ${tests} on record: \`pnpm test --record\` writes it down\n`)
}
