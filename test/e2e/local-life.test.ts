import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { predict } from './https.ts'
import { fromSource, run } from './process.ts'
import { freePorts, makeCertificates, startStack } from './stack.ts'
import type { Stack } from './stack.ts'

/** The process ids of predictor and gateway, from their own log lines. */
function serviceIds ({ local }: Stack): number[] {
  return [...local.output().matchAll(/"pid":(\d+).*"msg":"listening"/g)].map(([, id]) => Number(id))
}

/** Resolves when no process of that id is left. */
async function isGone (id: number): Promise<void> {
  for (;;) {
    try {
      process.kill(id, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends both services in order, exit 0, and nothing stays`, async (t) => {
    const stack = await startStack(t)
    const ids = serviceIds(stack)
    assert.equal(ids.length, 2)
    stack.local.child.kill(signal)
    assert.equal(await stack.local.ended, 0)
    await Promise.all(ids.map(isGone))
    assert.match(stack.local.output(), /gateway {3}\| .*"drained"[^]*predictor \| .*"drained"/)
  })
}

test('nothing stays when the command itself is killed', async (t) => {
  const stack = await startStack(t)
  stack.local.child.kill('SIGKILL')
  await Promise.all(serviceIds(stack).map(isGone))
})

for (const [index, name] of ['predictor', 'gateway'].entries()) {
  test(`when the ${name} dies the command says so, ends the other and exits non-zero`, async (t) => {
    const stack = await startStack(t)
    const ids = serviceIds(stack)
    process.kill(ids[index]!, 'SIGKILL')
    assert.equal(await stack.local.ended, 1)
    assert.match(stack.local.output(), new RegExp(`^${name} was ended by SIGKILL`, 'm'))
    await Promise.all(ids.map(isGone))
  })
}

test('a service that can’t start ends the command with its sentence', async (t) => {
  const { env } = await makeCertificates(t)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const HTTPS_PORT = String((taken.address() as AddressInfo).port)
  const local = run(t, fromSource('deploy/local.ts', 'dev'), { ...freePorts, ...env, HTTPS_PORT })
  assert.equal(await local.ended, 1)
  assert.match(local.output(), new RegExp(`^gateway {3}\\| .*HTTPS_PORT: 127\\.0\\.0\\.1:${HTTPS_PORT} is taken`, 'm'))
  assert.match(local.output(), /^gateway ended with exit code 1/m)
})

test('two run side by side', async (t) => {
  const [one, other] = await Promise.all([startStack(t), startStack(t)])
  assert.equal((await predict(one.url, one.ca)).status, 200)
  assert.equal((await predict(other.url, other.ca)).status, 200)
  assert.notEqual(one.url, other.url)
})
