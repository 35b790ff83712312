import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { runRounds } from './figures/figure.ts'
import type { Comparison } from './figures/figure.ts'
import { handshakes } from './figures/handshakes.ts'
import { addedLatency, burstRate, steadyRate } from './figures/latency.ts'
import { startToReady } from './figures/start.ts'
import { batches, throughput } from './figures/throughput.ts'
import { checked, load } from './generators/load.ts'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { prediction } from './payload.ts'
import { startField } from './peers/field.ts'
import type { Field } from './peers/field.ts'
import { backendOf } from './peers/product.ts'
import { chart } from './report/chart.ts'
import { machine, versions } from './report/machine.ts'
import { reached } from './report/reach.ts'
import type { Results } from './report/results.ts'
import { table } from './report/table.ts'
import { BenchScope } from './scope.ts'
import { tlsParameters } from './tls.ts'
import { openssl, wrk } from './tools.ts'
import { hasProc } from './usage.ts'

/**
 * `pnpm bench`: this project, built, beside the peers that this machine has. A table on standard output; `--json` and
 * `--chart` write files. Exits 1 when something could not be measured, a wrong answer included; what is to be reached is told,
 * not enforced.
 */
const scope = new BenchScope()
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  process.once(signal, () => { void scope.end().then(() => process.exit(code)) })
}
try {
  const options = readOptions(process.argv.slice(2))
  const results = await measure(options)
  process.stdout.write(`${table(results)}\n`)
  write(options.json, `${JSON.stringify(results, undefined, 1)}\n`)
  write(options.chart, chart(results))
} catch (error) {
  // After a signal the processes that were measured are gone, and everything fails.
  if (!scope.signal.aborted) process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  await scope.end()
}

async function measure (options: Options): Promise<Results> {
  progress('building and starting everything')
  const field = await startField(scope)
  const skipped = [...field.skipped]
  if (wrk === undefined) skipped.push('wrk is not installed: autocannon is used, which takes more of the machine for itself')
  if (openssl === undefined) skipped.push('handshakes: openssl is not installed')
  if (!hasProc) skipped.push('memory and handshakes: this system has no /proc')
  for (const line of skipped) progress(`skipped: ${line}`)

  await warmUp(options, field)
  const figures = await runRounds(options.rounds, comparisons(options, field), progress)
  const servers = Object.fromEntries([...field.peers, { id: 'predictor', label: 'predictor' }].map(({ id, label }) => [id, label]))
  return {
    at: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    predictorBackend: backendOf(field.predictor),
    tls: tlsParameters,
    generator: wrk === undefined ? 'autocannon' : 'wrk',
    rounds: options.rounds,
    seconds: options.seconds,
    servers,
    skipped,
    answersChecked: checked.answers,
    figures,
    reached: reached(figures)
  }
}

/** What is compiled just in time has run before anything counts: everything on Node.js, the predictor by both ways to it. */
async function warmUp ({ seconds, connections }: Options, { peers }: Field): Promise<void> {
  for (const peer of peers.filter(({ id }) => ['gateway', 'nginx', 'constant'].includes(id))) {
    progress(`warming up ${peer.label}`)
    await load(scope, { ...peer, payload: prediction, connections: connections[0]!, seconds })
  }
}

function comparisons ({ seconds, connections }: Options, field: Field): Comparison[] {
  return [
    ...connections.map((count) => throughput(scope, field, count, seconds)),
    steadyRate(scope, field, seconds),
    burstRate(scope, field, seconds),
    addedLatency(scope, field, seconds),
    handshakes(scope, field, seconds),
    batches(scope, field, seconds),
    startToReady(scope, field)
  ]
}

/** On standard error: standard output is the table alone. */
function progress (line: string): void {
  process.stderr.write(`${line}\n`)
}

function write (file: string | undefined, text: string): void {
  if (file === undefined) return
  // pnpm runs scripts in the project's folder, and tells where the command was given.
  const path = resolve(process.env.INIT_CWD ?? '.', file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
