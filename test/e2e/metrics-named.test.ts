import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fetchOnce } from './https.ts'
import { root } from './process.ts'
import { exposed, expressionsOf, rulesOf, selectorsIn } from './metrics/prometheus.ts'
import { startStack } from './stack.ts'

const folder = `${root}deploy/observability`

/** Both services' metrics after traffic of every kind, by name, with the label sets that there were. */
async function scrapeBoth (t: TestContext): Promise<Map<string, Set<string>[]>> {
  // A shared limit that is not there has its metrics, too.
  const { url, ca, redirectUrl, adminUrl, predictorAdminUrl } = await startStack(t, { RATE_LIMIT_STORE_URL: 'redis://127.0.0.1:1' })
  const json = { 'content-type': 'application/json' }
  for (const body of ['{"iris_dimensions":[5.1,3.5,1.4,0.2]}', '{}']) await fetchOnce(`${url}/predict`, { method: 'POST', ca, headers: json, body })
  await fetchOnce(`${url}/nothing`, { ca })
  await fetchOnce(redirectUrl)
  const scrapes = await Promise.all([adminUrl, predictorAdminUrl].map((admin) => fetchOnce(`${admin}/metrics`)))
  return exposed(scrapes.map(({ body }) => body).join('\n'))
}

test('every metric, and every label, that the dashboard and the alert rules name is there on a real scrape', async (t) => {
  const metrics = await scrapeBoth(t)
  const dashboard = JSON.parse(readFileSync(`${folder}/dashboards/model-edge.json`, 'utf8'))
  const rules = rulesOf(readFileSync(`${folder}/prometheus/alerts.yaml`, 'utf8'))
  const expressions = [...expressionsOf(dashboard), ...rules.map(({ expression }) => expression)]
  assert.ok(expressions.length > 60)
  // Put on by Prometheus itself.
  const prometheusOwn = ['job', 'instance']
  for (const expression of expressions) {
    const selectors = selectorsIn(expression)
    assert.ok(selectors.length > 0, expression)
    for (const { name, labels } of selectors) {
      const labelSets = metrics.get(name)
      assert.ok(labelSets !== undefined, `${name} is not there, in: ${expression}`)
      for (const label of labels.filter((label) => !prometheusOwn.includes(label))) {
        assert.ok(labelSets.some((set) => set.has(label)), `${name} has no label ${label}, in: ${expression}`)
      }
    }
  }
})

test('the dashboard’s panels each have a place, a title and an id of their own', () => {
  const { panels } = JSON.parse(readFileSync(`${folder}/dashboards/model-edge.json`, 'utf8')) as { panels: Panel[] }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(title !== '' && x + w <= 24, title)
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${column} ${line}`), `${title} lies on another panel`)
        taken.add(`${column} ${line}`)
      }
    }
  }
})

interface Panel { id: number, title: string, gridPos: { x: number, y: number, w: number, h: number } }
