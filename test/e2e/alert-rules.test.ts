import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './process.ts'
import { expressionsOf, rulesOf } from './metrics/prometheus.ts'
import { temporaryFolder } from './stack.ts'
import { hasTool } from './tools.ts'

const folder = `${root}deploy/observability`
const rulesFile = `${folder}/prometheus/alerts.yaml`
const testsFile = `${folder}/prometheus/alerts.test.yaml`

function promtool (...args: string[]): { status: number | null, output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

test('Prometheus takes the rules, and each fires when it is fed what it is for', (t) => {
  if (!hasTool(t, 'promtool', '--version')) return
  const rules = rulesOf(readFileSync(rulesFile, 'utf8'))
  const checked = promtool('check', 'rules', rulesFile)
  assert.match(checked.output, new RegExp(`SUCCESS: ${rules.length} rules found`))
  const tested = promtool('test', 'rules', testsFile)
  assert.equal(tested.status, 0, tested.output)
  const cases = readFileSync(testsFile, 'utf8').split(/^ {2}- name: /m).slice(1)
  assert.deepEqual(cases.map((text) => /^\w+/.exec(text)![0]), rules.map(({ name }) => name))
  // Silent first, fired then.
  for (const text of cases) assert.match(text, /exp_alerts: \[\]\n[^]*exp_alerts:\n {10}- exp_labels:/)
})

test('a rule that never fires fails its test', (t) => {
  if (!hasTool(t, 'promtool', '--version')) return
  const copy = temporaryFolder(t)
  const rules = readFileSync(rulesFile, 'utf8')
  writeFileSync(join(copy, 'alerts.yaml'), rules.replaceAll(/^( +expr: )(?:\|\n(?: {10,}.*\n)+|.*\n)/gm, '$1vector(0) > 1\n'))
  writeFileSync(join(copy, 'alerts.test.yaml'), readFileSync(testsFile))
  const { status, output } = promtool('test', 'rules', join(copy, 'alerts.test.yaml'))
  assert.equal(status, 1)
  const failed = new Set([...output.matchAll(/alertname: (\w+)/g)].map(([, name]) => name))
  assert.deepEqual([...failed], rulesOf(rules).map(({ name }) => name))
})

test('the dashboard’s expressions are PromQL', (t) => {
  if (!hasTool(t, 'promtool', '--version')) return
  const expressions = expressionsOf(JSON.parse(readFileSync(`${folder}/dashboards/model-edge.json`, 'utf8')))
  const file = join(temporaryFolder(t), 'rules.yaml')
  const rules = expressions.map((expr, i) => ({ record: `panel:${i}`, expr }))
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  assert.match(promtool('check', 'rules', file).output, new RegExp(`SUCCESS: ${expressions.length} rules found`))
})
