import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import { hasContainers } from './containers/engine.ts'
import { fetchOnce, predict } from './https.ts'
import { copyManifests, hasKubectl, render } from './kubernetes/kubectl.ts'
import { Pods } from './kubernetes/pods.ts'
import type { RunningPod } from './kubernetes/pods.ts'
import { atOnce, Service } from './kubernetes/service.ts'
import { TlsVolume } from './kubernetes/tls-volume.ts'
import { limits, transformations } from './kubernetes/transformed.ts'
import { answeredMore } from './load.ts'
import { fromSource, runToEnd } from './process.ts'
import { hasTool } from './tools.ts'

const cleanUps: (() => unknown)[] = []
/** For what all the tests here share. */
const scope = { after: (cleanUp: () => unknown) => { cleanUps.push(cleanUp) } }

let running: ReturnType<typeof start> | undefined

async function start () {
  const copy = await copyManifests(scope)
  const store = join(copy, 'certs/local')
  const tls = new TlsVolume(scope, store)
  const pods = await Pods.start(scope, await render(copy, 'minikube'), tls.folder)
  await pods.runAll('redis')
  const predictors = await pods.runAll('predictor')
  const gateways = await pods.runAll('gateway', limits.tight)
  const ca = readFileSync(join(store, 'ca.crt'))
  return { store, tls, pods, predictors, gateways, ca }
}

async function cluster (t: TestContext) {
  if (!hasKubectl(t) || !hasContainers(t) || !hasTool(t, 'redis-server', '--version')) return undefined
  return await (running ??= start())
}

const urlOf = (pod: RunningPod) => `https://127.0.0.1:${pod.ports.https}`

async function serialOf ({ ports }: RunningPod, ca: Buffer): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: ports.https, ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

describe('the minikube manifests, run by podman play kube', () => {
  after(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  })

  test('two gateways and three predictors serve predictions over HTTPS, hardened as the manifests say', async (t) => {
    const found = await cluster(t)
    if (found === undefined) return
    for (const { why } of transformations) t.diagnostic(`transformed: ${why}`)
    const { pods, gateways, predictors, ca } = found
    assert.deepEqual([gateways.length, predictors.length], [2, 3])
    for (const gateway of gateways) {
      const answer = await predict(urlOf(gateway), ca)
      assert.equal(answer.body, '{"iris_type":"Iris-setosa"}')
      const { status, headers } = await fetchOnce(`http://127.0.0.1:${gateway.ports.http}/model`, { headers: { host: 'localhost' } })
      assert.deepEqual([status, headers.location], [301, 'https://localhost/model'])
    }
    const looks = "console.log([process.getuid(), /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status'))[1], attempt('/app/x'), attempt('/x')].join())"
    const attempt = "const attempt = (file) => { try { fs.writeFileSync(file, ''); return 'written' } catch ({ code }) { return code } }"
    for (const { container } of [...gateways, ...predictors]) {
      assert.equal(await pods.engine.podman('exec', container, 'node', '-e', `${attempt}; ${looks}`), '10001,0000000000000000,EROFS,EROFS')
    }
  })

  test('both gateways spend one allowance, in Redis', async (t) => {
    const found = await cluster(t)
    if (found === undefined) return
    const { pods, gateways, ca } = found
    // One after another: a Redis that takes too long, as on a machine that is busy, counts nobody.
    const statuses: number[] = []
    try {
      for (let index = 0; index < 40; index++) statuses.push((await predict(urlOf(gateways[index % 2]!), ca)).status)
    } finally {
      // From here on with a limit that does not bind: a new ConfigMap rolls the gateways.
      found.gateways = await pods.runAll('gateway', limits.wide)
    }
    assert.deepEqual(await Promise.all(gateways.map((gateway) => pods.end(gateway))), [0, 0])
    // The test before had four of the twenty: a prediction and a redirect each.
    assert.deepEqual(statuses, Array.from({ length: 40 }, (_, index) => index < 16 ? 200 : 429))
  })

  test('a certificate renewed in the mounted volume is shown by both gateways, and no request is lost', async (t) => {
    const found = await cluster(t)
    if (found === undefined) return
    const { pods, gateways, store, tls, ca } = found
    const before = await Promise.all(gateways.map((gateway) => serialOf(gateway, ca)))
    const service = new Service(pods, gateways, ca)
    const load = service.startLoad()
    await answeredMore(load, 100)
    const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', 'server', '--force', '--host', 'localhost', '--host', '127.0.0.1', '--dir', store))
    assert.equal(code, 0, output)
    tls.renew(store)
    await Promise.all(gateways.map(({ container }) => pods.engine.said(container, /"certificate reloaded"/)))
    await answeredMore(load, 100)
    await load.stop()
    service.close()
    const after = await Promise.all(gateways.map((gateway) => serialOf(gateway, ca)))
    assert.equal(new Set([...before, ...after]).size, 2)
    t.diagnostic(`certificate renewed: ${load.tally.sent} sent, ${load.tally.lost.length} lost`)
    assert.deepEqual(load.tally.lost, [])
  })

  test('a rolling restart of all pods under load loses no request', async (t) => {
    const found = await cluster(t)
    if (found === undefined) return
    const { pods, ca } = found
    const service = new Service(pods, found.gateways, ca)
    const load = service.startLoad()
    await answeredMore(load, 100)
    const replace = async (old: RunningPod, settings = {}): Promise<RunningPod> => {
      const pod = await pods.run(old.deployment, settings)
      if (old.deployment === 'gateway') service.add(pod)
      // What minReadySeconds is for: nothing old goes before the gateways know what is new.
      else await Promise.all(found.gateways.map((gateway) => knows(pods, gateway, pod)))
      assert.equal(await pods.end(old), 0, `${old.name} did not end in order`)
      return pod
    }
    const predictors: RunningPod[] = []
    for (const old of found.predictors) predictors.push(await replace(old))
    const gateways: RunningPod[] = []
    for (const old of found.gateways) gateways.push(await replace(old, limits.wide))
    Object.assign(found, { predictors, gateways })
    await answeredMore(load, 200)
    const { rate } = await load.stop()
    service.close()
    t.diagnostic(`3 predictors and 2 gateways replaced: ${load.tally.sent} sent, ${load.tally.lost.length} lost, at ${rate} requests/s`)
    assert.deepEqual(load.tally.lost, [])
    for (const { name } of gateways) assert.ok(service.connections.get(name)! > 0, `${name} was given no connection`)
  })

  test('a predictor that is killed loses at most what was in flight', async (t) => {
    const found = await cluster(t)
    if (found === undefined) return
    const { pods, gateways, predictors, ca } = found
    const service = new Service(pods, gateways, ca)
    const load = service.startLoad()
    await answeredMore(load, 300)
    const processOf = (pod: RunningPod) => pods.engine.podman('inspect', '--format', '{{.State.Pid}}', pod.container)
    const before = await processOf(predictors[0]!)
    await pods.engine.podman('kill', '--signal', 'KILL', predictors[0]!.container)
    await answeredMore(load, 600)
    assert.notEqual(await processOf(predictors[0]!), before)
    await load.stop()
    service.close()
    t.diagnostic(`one of 3 predictors killed: ${load.tally.sent} sent, ${load.tally.lost.length} lost`)
    assert.ok(load.tally.lost.length <= atOnce, load.tally.lost.join())
    assert.deepEqual([...new Set(load.tally.lost)].filter((how) => how !== 'status 502'), [])
  })
})

/** Resolves when a gateway knows a predictor: its metrics have the address. */
async function knows (pods: Pods, gateway: RunningPod, predictor: RunningPod): Promise<void> {
  const address = await pods.addressOf(predictor)
  const metrics = () => fetchOnce(`http://127.0.0.1:${gateway.ports.admin}/metrics`)
  while (!(await metrics()).body.includes(`"${address}"`)) await sleep(50)
}
