import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { fetchOnce } from './https.ts'
import { startStack } from './stack.ts'
import type { Stack } from './stack.ts'

type Line = Record<string, unknown>

/** The lines of one service so far. */
function linesOf ({ local }: Stack, service: 'gateway' | 'predictor'): Line[] {
  return local.output().split('\n').flatMap((line) => {
    const [, name, json] = /^(gateway|predictor) +\| (\{.*\})$/.exec(line) ?? []
    return name === service ? [JSON.parse(json!) as Line] : []
  })
}

/** Resolves with the first line of a service for which something holds. */
async function lineWhere (stack: Stack, service: 'gateway' | 'predictor', holds: (line: Line) => boolean): Promise<Line> {
  for (;;) {
    const found = linesOf(stack, service).find(holds)
    if (found !== undefined) return found
    await once(stack.local.child.stdout!, 'data')
  }
}

const traceId = '0123456789abcdef0123456789abcdef'
const traceparent = `00-${traceId}-0123456789abcdef-00`
const body = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const isRequest = ({ msg }: Line) => msg === 'request'

test('a request’s id finds its line in both services, alone or in an exchange; the fields have the same names', async (t) => {
  const stack = await startStack(t)
  const ask = (id: string, headers: Record<string, string>) => fetchOnce(`${stack.url}/predict`, {
    method: 'POST', ca: stack.ca, headers: { 'content-type': 'application/json', 'x-request-id': id, traceparent, ...headers }, body
  })
  await ask('together', {})
  // What sets a cookie goes by itself.
  await ask('alone', { cookie: 'a=b' })

  const together = await lineWhere(stack, 'gateway', ({ requestId }) => requestId === 'together')
  const exchange = await lineWhere(stack, 'predictor', ({ requestIds }) => (requestIds as string[] | undefined)?.includes('together') === true)
  assert.deepEqual([together.traceId, together.items, exchange.items, exchange.status], [traceId, 1, 1, 200])
  assert.equal(together.upstream, new URL(stack.predictorUrl).host)

  const inGateway = await lineWhere(stack, 'gateway', ({ requestId }) => requestId === 'alone')
  const inPredictor = await lineWhere(stack, 'predictor', ({ requestId }) => requestId === 'alone')
  const shared = ['requestId', 'traceId', 'method', 'route', 'path', 'status', 'bytesIn', 'bytesOut', 'msg']
  for (const name of shared) assert.deepEqual(inPredictor[name], inGateway[name], name)
  // Who is behind the predictor's client, and by what way, the gateway knows.
  const gatewayAlone = ['upstream', 'upstreamMs', 'tlsVersion', 'cipher', 'rateLimit']
  assert.deepEqual(Object.keys(inPredictor), Object.keys(inGateway).filter((name) => !gatewayAlone.includes(name)))
})

test('health checks and scrapes are not told at info; SIGUSR2 turns debug on, and off again', async (t) => {
  const stack = await startStack(t)
  const probe = async () => {
    for (const admin of [stack.adminUrl, stack.predictorAdminUrl]) {
      for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal((await fetchOnce(`${admin}${path}`)).status, 200)
    }
    assert.equal((await fetchOnce(`${stack.url}/v2/health/ready`, { ca: stack.ca })).status, 200)
    // Behind all of them in both logs.
    const id = `after-${linesOf(stack, 'gateway').length}`
    await fetchOnce(`${stack.url}/`, { ca: stack.ca, headers: { 'x-request-id': id } })
    await lineWhere(stack, 'predictor', ({ requestId }) => requestId === id)
    await lineWhere(stack, 'gateway', ({ requestId }) => requestId === id)
  }
  const paths = (service: 'gateway' | 'predictor') => linesOf(stack, service).filter(isRequest).map(({ path }) => path)

  await probe()
  assert.deepEqual([paths('gateway'), paths('predictor')], [['/'], ['/']])
  const pids = (['gateway', 'predictor'] as const).map((service) => linesOf(stack, service).find(({ msg }) => msg === 'listening')!.pid as number)
  const switched = () => (['gateway', 'predictor'] as const).map((service) => linesOf(stack, service).filter(({ msg }) => /log level/.test(String(msg))).length)
  const signal = async (times: number) => {
    for (const pid of pids) process.kill(pid, 'SIGUSR2')
    while (switched().some((count) => count < times)) await once(stack.local.child.stdout!, 'data')
  }
  await signal(1)
  await probe()
  for (const service of ['gateway', 'predictor'] as const) {
    for (const path of ['/healthz', '/readyz', '/metrics', '/v2/health/ready']) assert.ok(paths(service).includes(path), `${service} ${path}`)
  }
  await signal(2)
  const before = [paths('gateway').length, paths('predictor').length]
  await probe()
  const after = [paths('gateway'), paths('predictor')].map((all, i) => all.slice(before[i]).filter((path) => path !== '/'))
  assert.deepEqual(after, [[], []])
})
