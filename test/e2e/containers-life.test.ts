import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import { builtImages } from './containers/built-images.ts'
import { startCompose } from './containers/compose.ts'
import type { ComposeStack } from './containers/compose.ts'
import { hasContainers, startEngine } from './containers/engine.ts'
import { received } from './containers/inside.ts'
import { predict } from './https.ts'
import { answeredMore, startLoad } from './load.ts'
import { fromSource, runToEnd } from './process.ts'
import { temporaryFolder } from './stack.ts'

const connections = 8
// Bytes, much more than health checks are.
const usedAgain = 20_000

test('a running stack', async (t) => {
  if (!hasContainers(t)) return
  const stack = await startCompose(t, { predictors: 2 })
  await t.test('a predictor killed under load loses at most what was in flight, and comes back', (t) => killedPredictor(t, stack))
  await t.test('a gateway that is killed tells of it at its next start', () => killedGateway(stack))
  await t.test('a certificate replaced in its folder is picked up', (t) => replacedCertificate(t, stack))
  await t.test('SIGTERM under load drains: nothing is lost, exit code 0', (t) => drainedGateway(t, stack))
})

async function killedPredictor (t: TestContext, stack: ComposeStack): Promise<void> {
  const { engine, name, url, ca } = stack
  const load = startLoad({ url, ca, connections })
  t.after(() => load.stop())
  await answeredMore(load, 200)
  // podman's own kill counts as a stop; this is what a crash or the kernel's out-of-memory killer is.
  process.kill(Number(await engine.podman('inspect', '--format', '{{.State.Pid}}', name('predictor_2'))), 'SIGKILL')
  // Once when it came up first, and again.
  await engine.said(name('predictor_2'), /"listening"[^]*"listening"/)
  const idle = await received(stack, 'predictor_2') + usedAgain
  do await answeredMore(load, 200); while (await received(stack, 'predictor_2') < idle)
  await load.stop()
  const { sent, lost } = load.tally
  t.diagnostic(`${sent} sent, ${lost.length} lost`)
  assert.ok(lost.length <= connections, lost.join())
  assert.deepEqual(lost.filter((how) => how !== 'status 502'), [])
}

async function killedGateway ({ engine, name, url, ca }: ComposeStack): Promise<void> {
  process.kill(Number(await engine.podman('inspect', '--format', '{{.State.Pid}}', name('gateway_1'))), 'SIGKILL')
  await engine.said(name('gateway_1'), /"started after a run that did not end in order"/)
  assert.equal((await predict(url, ca)).status, 200)
}

async function replacedCertificate (t: TestContext, { engine, name, url, ca, tls }: ComposeStack): Promise<void> {
  const before = await servedSerial(url, ca)
  const folder = temporaryFolder(t)
  const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', 'dev', '--dir', folder))
  assert.equal(code, 0, output)
  for (const [from, to] of [['ca.crt', 'ca.crt'], ['server.key', 'tls.key'], ['server.crt', 'tls.crt']] as const) {
    writeFileSync(join(tls, to), readFileSync(join(folder, from)), { mode: 0o644 })
  }
  await engine.said(name('gateway_1'), /"certificate reloaded"/)
  const renewed = readFileSync(join(folder, 'ca.crt'))
  assert.notEqual(await servedSerial(url, renewed), before)
  assert.equal((await predict(url, renewed)).status, 200)
}

async function servedSerial (url: string, ca: Buffer): Promise<string> {
  const socket = connect({ port: Number(new URL(url).port), host: 'localhost', servername: 'localhost', ca })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

async function drainedGateway (t: TestContext, { engine, name, url, tls }: ComposeStack): Promise<void> {
  const ca = readFileSync(join(tls, 'ca.crt'))
  const tally = { answered: 0, lost: [] as string[] }
  const clients = Array.from({ length: connections }, () => untilClosed(url, ca, tally))
  while (tally.answered < 400) await new Promise(setImmediate)
  await engine.podman('stop', '--time', '40', name('gateway_1'))
  await Promise.all(clients)
  t.diagnostic(`${tally.answered} answered, ${tally.lost.length} lost`)
  assert.deepEqual(tally.lost, [])
  assert.equal(await engine.podman('inspect', '--format', '{{.State.ExitCode}}', name('gateway_1')), '0')
  for (const predictor of ['predictor_1', 'predictor_2']) {
    await engine.podman('stop', '--time', '40', name(predictor))
    assert.equal(await engine.podman('inspect', '--format', '{{.State.ExitCode}}', name(predictor)), '0')
  }
}

/** One request after another over one connection, until an answer says that it is the last. */
async function untilClosed (url: string, ca: Buffer, tally: { answered: number, lost: string[] }): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  for (let open = true; open;) {
    const sent = request(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, agent })
    sent.end('{"iris_dimensions":[5.1,3.5,1.4,0.2]}')
    try {
      const [response] = await once(sent, 'response')
      response.resume()
      await once(response, 'end')
      tally.answered++
      if (response.statusCode !== 200) tally.lost.push(`status ${response.statusCode}`)
      open = response.headers.connection !== 'close'
    } catch (error) {
      tally.lost.push((error as Error).message)
      open = false
    }
  }
  agent.destroy()
}

test('a wrong configuration ends the start: exit code 1, and the sentence in the log', async (t) => {
  if (!hasContainers(t)) return
  const engine = startEngine(t, (await builtImages()).store)
  for (const [image, setting, sentence] of [
    ['model-edge-gateway:local', 'HTTPS_PORT=https', /HTTPS_PORT/],
    ['model-edge-predictor:local', 'MODEL_DIR=/nowhere', /\/nowhere/]
  ] as const) {
    const container = await engine.podman('run', '--detach', '--read-only', '--env', setting, image)
    assert.equal(await engine.podman('wait', container), '1')
    assert.match((await engine.outcome('podman', ['logs', container])).stderr, sentence)
    const checked = await engine.outcome('podman', ['run', '--rm', '--read-only', '--env', setting, image, '--check'])
    assert.equal(checked.code, 1)
    assert.match(checked.stderr, sentence)
  }
  const right = await engine.outcome('podman', ['run', '--rm', '--read-only', 'model-edge-predictor:local', '--check'])
  assert.equal(right.code, 0)
  assert.match(right.stdout, /iris/)
})
