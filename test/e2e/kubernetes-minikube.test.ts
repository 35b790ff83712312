import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Workplace } from './kubernetes/minikube.ts'

/** Where minikube is, for these tests: an address of this machine that the certificate of `certs dev` is not for. */
const ip = '127.0.0.2'

const serverOf = ({ store }: Workplace) => new X509Certificate(readFileSync(join(store, 'server.crt')))
/** A call without what differs from run to run. */
const plain = (call: string) => call.replace(/build-\w+/g, 'build-…').replace(/\/\S*model-edge-images-\w+/g, 'CONTEXT')
const changing = (calls: string[]) => calls.map(plain).filter((call) => !/^\w+ (version|status)| (get|ls|ip)\b/.test(call))

const building = ['gateway', 'predictor'].flatMap((service) => [
  `minikube --profile standing-in image build --all --tag model-edge-${service}:build-… --file ${service}/Dockerfile CONTEXT`,
  `minikube --profile standing-in image tag model-edge-${service}:build-… model-edge-${service}:local`,
  `minikube --profile standing-in image rm model-edge-${service}:build-…`
])
const applying = 'kubectl --context standing-in apply -k deploy/minikube'
const inNamespace = 'kubectl --context standing-in --namespace model-edge'
const waiting = ['redis', 'predictor', 'gateway'].map((name) => `${inNamespace} rollout status deployment/${name} --timeout=5m`)

describe('pnpm minikube', () => {
  test('does it all, in order; done again it changes nothing; a new image rolls its service; --delete removes it', async (t) => {
    const workplace = new Workplace(t, { ip })
    const nodePort = await workplace.startServices(ip)
    workplace.set({ nodePort })
    assert.equal(serverOf(workplace).checkIP(ip), undefined)

    const first = await workplace.minikube()
    assert.equal(first.code, 0, first.output)
    assert.deepEqual(changing(first.calls), [...building, applying, ...waiting])
    assert.equal(serverOf(workplace).checkIP(ip), ip)
    assert.match(first.output, new RegExp(`Ready: https://${ip}:${nodePort}`))
    assert.match(first.output, /POST \S+\/predict .* → {"iris_type":"Iris-virginica"}/)

    const { serialNumber } = serverOf(workplace)
    const again = await workplace.minikube()
    assert.equal(again.code, 0, again.output)
    assert.deepEqual(changing(again.calls), [...building, applying, ...waiting])
    assert.equal(serverOf(workplace).serialNumber, serialNumber)

    workplace.set({ ids: { gateway: 'sha256:a', predictor: 'sha256:c' } })
    const changed = await workplace.minikube()
    assert.deepEqual(changing(changed.calls), [...building, applying, `${inNamespace} rollout restart deployment/predictor`, ...waiting])

    const removed = await workplace.minikube(['--delete'])
    assert.equal(removed.code, 0, removed.output)
    assert.ok(removed.calls.includes('kubectl --context standing-in delete namespace model-edge --ignore-not-found --timeout=5m'))
    assert.deepEqual(workplace.state.images, {})
  })

  test('nothing secret and nothing needless is copied into the cluster to build from', async (t) => {
    const workplace = new Workplace(t, { ip, fails: { 'rollout status': 'timed out' } })
    const { code } = await workplace.minikube()
    assert.equal(code, 1)
    for (const [service, files] of Object.entries(workplace.state.contexts)) {
      for (const needed of [`${service}/Dockerfile`, '.dockerignore', 'pnpm-lock.yaml', `${service}/src/server.ts`, 'deploy/build.ts']) {
        assert.ok(files.includes(needed), `${service}: ${needed}`)
      }
      assert.deepEqual(files.filter((file) => /^certs|node_modules|\.(key|crt|env|pem)$|\.test\.ts$|\/dist\//.test(file)), [], service)
    }
    assert.deepEqual(Object.keys(workplace.state.contexts), ['gateway', 'predictor'])
  })

  test('uses the tunnel’s address, and has it in the certificate; where none can be reached, a forwarded port', async (t) => {
    const workplace = new Workplace(t, { ip: '127.0.0.9', applied: true, ingress: [{ ip: '127.0.0.3' }] })
    const port = await workplace.startServices('127.0.0.1')
    workplace.set({ forwardedPort: port })
    const { code, output, calls } = await workplace.minikube()
    assert.equal(code, 0, output)
    for (const address of ['127.0.0.9', '127.0.0.3', '127.0.0.1']) assert.equal(serverOf(workplace).checkIP(address), address)
    assert.ok(calls.includes(`${inNamespace} port-forward service/gateway :443`))
    assert.match(output, new RegExp(`Ready: https://127\\.0\\.0\\.1:${port}\n.*port-forward service/gateway ${port}:443`))
  })
})

describe('pnpm minikube says what is wrong', () => {
  const cases: [what: string, state: object, sentence: RegExp][] = [
    ['an old kubectl', { kubectl: 20 }, /^minikube: kubectl v1\.20\.0 is too old/m],
    ['an old minikube', { minikube: 'v1.25.2' }, /^minikube: minikube v1\.25\.2 is too old/m],
    ['no cluster that runs', { host: 'Stopped' }, /^minikube: no cluster runs\. Start one: minikube start /m],
    ['an image that was not built, though minikube exits 0', { brokenBuild: 'predictor', images: { 'model-edge-predictor:local': 'sha256:old' } }, /^minikube: the image of the predictor was not built/m],
    ['manifests that are refused', { fails: { apply: 'denied' } }, /denied[^]*^minikube: kubectl --context failed \(exit code 1\)/m]
  ]
  for (const [what, state, sentence] of cases) {
    test(what, async (t) => {
      const { code, output } = await new Workplace(t, state).minikube()
      assert.equal(code, 1)
      assert.match(output, sentence)
    })
  }

  for (const [missing, there] of [['kubectl', 'minikube'], ['minikube', 'kubectl']]) {
    test(`${missing} is not installed`, async (t) => {
      const workplace = new Workplace(t)
      const { code, output } = await workplace.minikube([], workplace.only(there!))
      assert.equal(code, 1)
      assert.match(output, new RegExp(`^minikube: ${missing} is not installed: https://`, 'm'))
    })
  }

  test('pods that do not get ready: the pods and events are shown', async (t) => {
    const { code, output, calls } = await new Workplace(t, { fails: { 'rollout status deployment/predictor': 'timed out' } }).minikube()
    assert.equal(code, 1)
    assert.match(output, /timed out/)
    assert.deepEqual(calls.slice(-2).map((call) => call.replace(/^.* get (\w+).*$/, '$1')), ['pods', 'events'])
  })

  test('an unknown option: the usage', async (t) => {
    const { code, output, calls } = await new Workplace(t).minikube(['--remove'])
    assert.equal(code, 1)
    assert.match(output, /--remove[^]*minikube \[--delete\]/)
    assert.deepEqual(calls, [''])
  })
})
