import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nginxBinary } from './differential/nginx.ts'
import { hasTool } from './tools.ts'
import { fromSource, runToEnd } from './process.ts'
import { temporaryFolder } from './stack.ts'

interface Spread { median: number, min: number, max: number, rounds: number[] }
interface Reached { figure: string, server: string, to?: string, atLeast?: number, atMost?: number, measured: Spread, met: boolean }

const withPython = ['python3', '/usr/bin/python3'].some((python) =>
  spawnSync(python, ['-c', 'import flask, gunicorn, sklearn'], { stdio: 'ignore' }).status === 0)

test('the bench, as short as it gets, measures everybody who is there and answers rightly', async (t) => {
  if (![nginxBinary ?? 'nginx', 'wrk', 'openssl'].every((tool) => hasTool(t, tool, '-v'))) return
  const folder = temporaryFolder(t)
  const [json, svg] = [join(folder, 'bench.json'), join(folder, 'chart.svg')]
  const { code, output } = await runToEnd(t, fromSource('test/bench/run.ts',
    '--rounds', '1', '--seconds', '1', '--connections', '32', '--json', json, '--chart', svg))
  assert.equal(code, 0, output)
  const results = JSON.parse(readFileSync(json, 'utf8'))
  const figures = new Map<string, Record<string, Spread>>(results.figures.map(({ id, of }: { id: string, of: object }) => [id, of]))

  const peers = ['gateway', 'nginx', 'nginx-worker', ...(withPython ? ['flask', 'flask-tuned'] : []), 'constant']
  const measured: Record<string, string[]> = {
    'requests-32': peers,
    memory: ['gateway', 'predictor'],
    p99: ['gateway', 'nginx'],
    'p99-bursts': ['gateway', 'nginx'],
    added: ['gateway', 'nginx'],
    handshakes: ['gateway', 'nginx-worker'],
    'handshakes-clock': ['gateway', 'nginx-worker'],
    rows: ['gateway'],
    ready: ['gateway', 'predictor']
  }
  assert.deepEqual([...figures.keys()].sort(), Object.keys(measured).sort())
  for (const [id, servers] of Object.entries(measured)) {
    assert.deepEqual(Object.keys(figures.get(id)!).sort(), [...servers].sort(), id)
    for (const { median, rounds } of Object.values(figures.get(id)!)) {
      assert.deepEqual(rounds, [median], id)
      assert.ok(Number.isFinite(median), id)
    }
  }
  // Every answer counted was looked at: the steady rate alone sends a thousand to each of two.
  assert.ok(results.answersChecked > 2000)
  assert.equal(results.skipped.length, withPython ? 0 : 1)

  for (const { figure, server, to, atLeast = -Infinity, atMost = Infinity, measured: { median }, met } of results.reached as Reached[]) {
    const of = figures.get(figure)!
    assert.equal(median, to === undefined ? of[server]!.median : of[server]!.median / of[to]!.median)
    assert.equal(met, median >= atLeast && median <= atMost)
  }
  assert.ok(results.machine.cores > 0 && results.versions.node && results.versions.nginx && results.versions.wrk)

  const drawn = readFileSync(svg, 'utf8')
  for (const id of peers) {
    assert.ok(output.includes(results.servers[id]), `${id} is not in the table`)
    assert.ok(drawn.includes(`>${results.servers[id]}</text>`), `${id} is not in the chart`)
  }
})

test('the bench says which argument it does not take', async (t) => {
  const { code, output } = await runToEnd(t, fromSource('test/bench/run.ts', '--rounds', '0'))
  assert.equal(code, 1)
  assert.match(output, /^--rounds takes whole numbers from 1 to 9999; got "0"\npnpm bench \[/m)
})
