import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { root } from './process.ts'
import { temporaryFolder } from './stack.ts'
import { hasTool } from './tools.ts'

const deploy = join(root, 'deploy')

test('Prometheus takes the configuration that Compose mounts, with its rules', (t) => {
  if (!hasTool(t, 'promtool', '--version')) return
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'rules'))
  cpSync(join(deploy, 'prometheus/prometheus.yaml'), join(folder, 'prometheus.yml'))
  cpSync(join(deploy, 'observability/prometheus/alerts.yaml'), join(folder, 'rules/alerts.yaml'))
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /1 rule files found/)
})

test('every dashboard asks the data source that Grafana is given, or lets the reader choose', () => {
  const { datasources } = parse(readFileSync(join(deploy, 'grafana/data-sources.yaml'), 'utf8')) as { datasources: { uid: string }[] }
  const known = datasources.map(({ uid }) => uid)
  const dashboards = readdirSync(join(deploy, 'observability/dashboards')).filter((name) => name.endsWith('.json'))
  assert.ok(dashboards.length > 0)
  for (const name of dashboards) {
    const asked = new Set<string>()
    JSON.parse(readFileSync(join(deploy, 'observability/dashboards', name), 'utf8'), (_key, value) => {
      if (value?.type === 'prometheus' && typeof value.uid === 'string') asked.add(value.uid)
      return value
    })
    assert.ok(asked.size > 0, name)
    for (const uid of asked) assert.ok(known.includes(uid) || /^\$\{?\w+\}?$/.test(uid), `${name}: ${uid}`)
  }
})
