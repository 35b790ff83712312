import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fetchOnce } from './https.ts'
import { fromSource, root, run } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

interface Service { child: ChildProcess, url: string, adminUrl: string, ca: Buffer }

/** Starts a service whose output goes where `output` says; it tells its addresses over the channel to its parent. */
async function start (t: TestContext, service: 'gateway' | 'predictor', output: 'pipe' | number): Promise<Service> {
  const { env, ca } = await makeCertificates(t)
  const { PATH, HOME, TMPDIR } = process.env
  const stdio: StdioOptions = ['ignore', output, 'inherit', 'ipc']
  const child = spawn(process.execPath, fromSource(`${service}/src/server.ts`), {
    cwd: root, stdio, env: { PATH, HOME, TMPDIR, ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1', RATE_LIMIT_RPS: '0' }
  })
  t.after(() => child.kill('SIGKILL'))
  const [{ url, adminUrl }] = await once(child, 'message') as [Pick<Service, 'url' | 'adminUrl'>]
  return { child, url, adminUrl, ca }
}

/** Lines enough for every buffer there is, while the service goes on answering; then it ends in order. */
async function writesInVain (service: 'gateway' | 'predictor', { child, url, adminUrl, ca }: Service): Promise<void> {
  const metric = new RegExp(`^${service}_log_lines_dropped_total (\\d+)$`, 'm')
  const path = `/${'x'.repeat(1000)}`
  for (let round = 0; round < 40; round++) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => fetchOnce(`${url}${path}`, { ca })))
    assert.ok(answers.every(({ status }) => status === (service === 'gateway' ? 502 : 404)))
  }
  assert.match((await fetchOnce(`${adminUrl}/metrics`)).body, metric)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
}

for (const service of ['gateway', 'predictor'] as const) {
  test(`${service}: a full disk loses lines and nothing else`, async (t) => {
    if (!existsSync('/dev/full')) return t.skip('/dev/full is not there')
    const full = openSync('/dev/full', 'w')
    t.after(() => closeSync(full))
    await writesInVain(service, await start(t, service, full))
  })

  test(`${service}: a reader that has gone is missed by nobody`, async (t) => {
    const running = await start(t, service, 'pipe')
    running.child.stdout!.destroy()
    await once(running.child.stdout!, 'close')
    await writesInVain(service, running)
  })

  test(`${service}: every line of a process that ends by an uncaught error is there`, async (t) => {
    const { env, ca } = await makeCertificates(t)
    const crash = 'process.on("SIGURG", () => { throw new Error("planted") })'
    const args = ['--import', `data:text/javascript,${encodeURIComponent(crash)}`, ...fromSource(`${service}/src/server.ts`)]
    const running = run(t, args, { ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1', RATE_LIMIT_RPS: '0' })
    const [line] = await running.said(/^\{.*"msg":"listening".*\}$/m)
    const { url } = JSON.parse(line)
    for (let i = 0; i < 50; i++) await fetchOnce(`${url}/`, { ca, headers: { 'x-request-id': `id-${i}.` } })
    running.child.kill('SIGURG')
    assert.equal(await running.ended, 1)
    await Promise.all([running.child.stdout, running.child.stderr].map((stream) => stream!.readableEnded || once(stream!, 'end')))
    const output = running.output()
    assert.match(output, /"level":60.*planted/)
    for (let i = 0; i < 50; i++) assert.ok(output.includes(`"id-${i}."`), `line ${i}`)
  })
}
