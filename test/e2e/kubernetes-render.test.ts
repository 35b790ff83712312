import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { combinations, copyManifests, hasKubectl, overlays, render } from './kubernetes/kubectl.ts'
import { named } from './kubernetes/objects.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'
import { rules } from './kubernetes/rules.ts'
import { faultsOf } from './kubernetes/valid.ts'
import { hasTool } from './tools.ts'

interface Rendering { name: string, objects: KubernetesObject[] }

/** Renderings under way at once: kubectl takes a tenth of a second each, and there are many. */
const atOnce = 4

async function renderAll (copy: string, overlay: string): Promise<Rendering[]> {
  const left = combinations()
  const done: Rendering[] = []
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { chosen, store } = next
      done.push({ name: [overlay, store, ...chosen].join(' + '), objects: await render(copy, overlay, chosen, store) })
    }
  }))
  return done
}

for (const overlay of overlays) {
  describe(`${overlay} with every choice of components`, () => {
    let renderings: Rendering[] = []

    test('renders', async (t) => {
      if (!hasKubectl(t)) return
      renderings = await renderAll(await copyManifests(t), overlay)
      const sizes = renderings.map(({ objects }) => objects.length)
      t.diagnostic(`${renderings.length} renderings of ${overlay} of ${Math.min(...sizes)} to ${Math.max(...sizes)} objects`)
      assert.equal(new Set(renderings.map(({ objects }) => JSON.stringify(objects))).size, combinations().length)
    })

    test('is strictly valid', (t) => {
      if (!hasKubectl(t) || !hasTool(t, 'kubernetes-validate', '--version')) return
      const distinct = new Map(renderings.flatMap(({ objects }) => objects).map((object) => [JSON.stringify(object), object]))
      t.diagnostic(`${distinct.size} distinct objects`)
      assert.ok(distinct.size > 20)
      assert.deepEqual(faultsOf(t, [...distinct.values()]), [])
    })

    test('keeps every rule', (t) => {
      if (!hasKubectl(t)) return
      const faults = renderings.flatMap(({ name, objects }) => rules.flatMap(({ faults }) => faults(objects).map((fault) => `${name}: ${fault}`)))
      assert.deepEqual([...new Set(faults)], [])
    })
  })
}

test('strict validation finds a misspelt field, in kinds of Kubernetes and in others', async (t) => {
  if (!hasKubectl(t) || !hasTool(t, 'kubernetes-validate', '--version')) return
  const objects = await render(await copyManifests(t), 'production', ['cert-manager', 'service-monitor'])
  assert.deepEqual(faultsOf(t, objects), [])
  const places = [['Deployment', 'gateway'], ['NetworkPolicy', 'redis'], ['Certificate', 'gateway-tls'], ['ServiceMonitor', 'model-edge']] as const
  for (const [kind, name] of places) {
    const broken = structuredClone(objects)
    Object.assign(named(broken, kind, name).spec, { replicsa: 2 })
    assert.match(faultsOf(t, broken).join('\n'), /replicsa|additional properties/, `${kind} ${name}`)
  }
})
