import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { components, copyManifests, hasKubectl, overlays, render } from './kubernetes/kubectl.ts'
import { named, ofKind, settingsOf } from './kubernetes/objects.ts'
import { madeElsewhere } from './kubernetes/rules/references.ts'
import { fromSource, root, runToEnd } from './process.ts'
import type { Scope } from './process.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Settings as a pod has them, with the files of a test's own store in the place of mounted ones. */
function withFiles (settings: Record<string, string>, store: string): Record<string, string> {
  const files: Record<string, string> = {
    '/etc/tls/tls.crt': 'server.crt',
    '/etc/tls/tls.key': 'server.key',
    '/etc/client-ca/ca.crt': 'ca.crt',
    '/etc/client-crl/ca.crl': 'ca.crl'
  }
  const local = (value: string) => files[value] === undefined ? value : join(store, files[value])
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, local(value)]))
}

async function makeRevocationList (t: Scope, store: string): Promise<void> {
  const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', 'client', 'someone', '--dir', store))
  assert.equal(code, 0, output)
}

for (const overlay of overlays) {
  for (const chosen of [[], components]) {
    test(`the gateway finds nothing wrong with its settings in ${[overlay, ...chosen].join(' + ')}`, async (t) => {
      if (!hasKubectl(t)) return
      const copy = await copyManifests(t)
      const store = join(copy, 'certs/local')
      await makeRevocationList(t, store)
      const objects = await render(copy, overlay, chosen)
      const settings = { ...settingsOf(objects, named(objects, 'Deployment', 'gateway')), SLACK_WEBHOOK_URL: '', RATE_LIMIT_STORE_URL: 'redis://redis:6379' }
      // Nobody is at this address; whether someone is at the real one is no matter of settings.
      const { code, output } = await runToEnd(t, fromSource('gateway/src/server.ts', '--check'), { ...withFiles(settings, store), PREDICTOR_URL: 'http://127.0.0.1:1' })
      assert.equal(code, 0, output)
      assert.doesNotMatch(output, /is not a setting/)
    })
  }
}

test('every setting in the manifests stands in README’s table', async (t) => {
  if (!hasKubectl(t)) return
  const copy = await copyManifests(t)
  const readme = read('README.md')
  for (const overlay of overlays) {
    const objects = await render(copy, overlay, components)
    const names = ofKind(objects, 'Deployment').filter(({ metadata }) => metadata.name !== 'redis').flatMap((deployment) => Object.keys(settingsOf(objects, deployment)))
    assert.ok(names.length > 10)
    assert.deepEqual([...new Set(names)].filter((name) => !readme.includes(`\`${name}\``)), [])
  }
})

test('deploy/README.md tells how each Secret is made that no generator makes', () => {
  const readme = read('deploy/README.md')
  for (const secret of madeElsewhere) assert.match(readme, new RegExp(`create secret \\w+ ${secret}\\b`), secret)
})
