import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCompose } from './containers/compose.ts'
import { hasContainers } from './containers/engine.ts'
import { connecting, inside, received } from './containers/inside.ts'
import { fetchOnce, predict } from './https.ts'
import { answeredMore, startLoad } from './load.ts'

test('Compose, as `pnpm compose` starts it', async (t) => {
  if (!hasContainers(t)) return
  const stack = await startCompose(t, { predictors: 3 })
  const { engine, name, url, redirectUrl, ca, output } = stack
  const predictors = ['predictor_1', 'predictor_2', 'predictor_3']

  await t.test('it ends with an answer over HTTPS', async () => {
    assert.match(output, new RegExp(`Ready: ${url}`))
    const { status, body, headers } = await predict(url, ca)
    assert.deepEqual([status, body], [200, '{"iris_type":"Iris-setosa"}'])
    // Nobody's browser shall remember a private certificate.
    assert.equal(headers['strict-transport-security'], undefined)
  })

  await t.test('plain HTTP is sent to the published port', async () => {
    const { status, headers } = await fetchOnce(`${redirectUrl}/model?version=1`)
    assert.deepEqual([status, headers.location], [301, `${url}/model?version=1`])
  })

  for (const service of ['gateway_1', 'predictor_1']) {
    await t.test(`${service}: nobody in particular, who can write nothing and become nobody else`, async () => {
      assert.equal(await inside(stack, service, 'console.log(process.getuid(), process.getgid())'), '10001 10001')
      const status = await inside(stack, service, "console.log(require('fs').readFileSync('/proc/1/status', 'utf8'))")
      for (const line of [/^CapEff:\s*0+$/m, /^CapBnd:\s*0+$/m, /^NoNewPrivs:\s*1$/m]) assert.match(status, line)
      const writing = "try { require('fs').writeFileSync('/app/a', '') } catch ({ code }) { console.log(code) }"
      assert.equal(await inside(stack, service, writing), 'EROFS')
    })
    await t.test(`${service}: memory and processor are limited`, async () => {
      const [host] = JSON.parse(await engine.podman('inspect', '--format', '[{{json .HostConfig}}]', name(service)))
      assert.deepEqual([host.Memory, host.CpuQuota / host.CpuPeriod, host.RestartPolicy.Name],
        [512 * 2 ** 20, service === 'gateway_1' ? 2 : 1, 'unless-stopped'])
    })
    await t.test(`${service}: the image's health check is good`, async () => {
      await engine.podman('healthcheck', 'run', name(service))
    })
  }

  await t.test('nobody outside its network reaches a predictor, and it reaches nobody outside', async () => {
    const details = JSON.parse(await engine.podman('inspect', name('predictor_1')))[0]
    assert.deepEqual(Object.values(details.NetworkSettings.Ports).filter((published) => published !== null), [])
    const { [name('inside')]: network, ...others } = details.NetworkSettings.Networks
    assert.deepEqual(Object.keys(others), [])
    assert.equal(await connecting(stack, 'gateway_1', network.IPAddress, 8000), 'connected')

    const gateway = JSON.parse(await engine.podman('inspect', name('gateway_1')))[0].NetworkSettings.Networks
    await engine.podman('run', '--detach', '--name', name('outsider_1'), '--network', name('edge'),
      '--entrypoint', 'node', 'model-edge-gateway:local', '-e', "require('net').createServer().listen(9999)")
    const outsider = JSON.parse(await engine.podman('inspect', name('outsider_1')))[0].NetworkSettings.Networks[name('edge')]
    assert.equal(await connecting(stack, 'outsider_1', gateway[name('edge')].IPAddress, 8443), 'connected')
    assert.notEqual(await connecting(stack, 'outsider_1', network.IPAddress, 8000), 'connected')
    assert.equal(await connecting(stack, 'predictor_1', outsider.IPAddress, 9999), 'ENETUNREACH')
  })

  await t.test('three predictors share the requests', async (t) => {
    const before = await Promise.all(predictors.map((service) => received(stack, service)))
    const load = startLoad({ url, ca, connections: 6 })
    await answeredMore(load, 1500)
    await load.stop()
    assert.deepEqual(load.tally.lost, [])
    const after = await Promise.all(predictors.map((service) => received(stack, service)))
    const bytes = after.map((count, i) => count - before[i]!)
    t.diagnostic(`bytes received: ${bytes.join(', ')}`)
    const all = bytes.reduce((sum, count) => sum + count)
    for (const count of bytes) assert.ok(count > all / 5, bytes.join())
  })
})
