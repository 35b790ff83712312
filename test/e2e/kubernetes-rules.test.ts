import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copyManifests, hasKubectl, render } from './kubernetes/kubectl.ts'
import { ofKind } from './kubernetes/objects.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'
import { rules } from './kubernetes/rules.ts'

let rendered: Promise<KubernetesObject[]> | undefined

describe('what every rendering keeps', () => {
  for (const { rule, faults, breach } of rules) {
    test(rule, async (t) => {
      if (!hasKubectl(t)) return
      // Once for all, with a component for each rule that is about one.
      rendered ??= copyManifests(t).then((copy) => render(copy, 'production', ['cert-manager', 'service-monitor']))
      const objects = structuredClone(await rendered)
      assert.deepEqual(faults(objects), [])
      breach(objects)
      assert.notDeepEqual(faults(objects), [], 'the rule does not notice its breach')
    })
  }
})

test('production takes every image by its digest and spreads over zones', async (t) => {
  if (!hasKubectl(t)) return
  const objects = await render(await copyManifests(t), 'production')
  for (const { metadata: { name }, spec: { template: { spec } } } of ofKind(objects, 'Deployment')) {
    assert.match(spec.containers[0]!.image, /^registry\.example\.com\/[\w-]+@sha256:[0-9a-f]{64}$/, name)
    const zones = spec.topologySpreadConstraints?.filter(({ topologyKey }) => topologyKey === 'topology.kubernetes.io/zone') ?? []
    assert.equal(zones.length, name === 'redis' ? 0 : 1, name)
  }
})

test('minikube never asks a registry for the images that are built here', async (t) => {
  if (!hasKubectl(t)) return
  const objects = await render(await copyManifests(t), 'minikube')
  const replicas = ofKind(objects, 'Deployment').map(({ metadata, spec }) => `${metadata.name} ${spec.replicas} ${spec.template.spec.containers[0]!.imagePullPolicy ?? '-'}`)
  assert.deepEqual(replicas.sort(), ['gateway 2 Never', 'predictor 3 Never', 'redis 1 -'])
})
