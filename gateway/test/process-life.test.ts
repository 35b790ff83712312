import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

interface Dying { child: ChildProcess, ended: Promise<[code: number, lines: Record<string, unknown>[]]> }

async function start (t: TestContext, env: Record<string, string> = {}): Promise<Dying> {
  const script = fileURLToPath(new URL('dying-process.ts', import.meta.url))
  const child = fork(script, { execArgv: ['--import', 'tsx'], env: { ...process.env, SHUTDOWN_TIMEOUT_MS: '5000', ...env }, silent: true })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  child.stdout!.on('data', (chunk) => { text += chunk })
  const ended = Promise.all([once(child, 'exit'), once(child.stdout!, 'end')]).then(([[code]]) =>
    [code, text.trim().split('\n').map((line) => JSON.parse(line))] as [number, Record<string, unknown>[]])
  await once(child, 'message')
  return { child, ended }
}

const messages = (lines: Record<string, unknown>[]) => lines.map(({ msg }) => msg)

for (const how of ['throw', 'reject'] as const) {
  test(`an uncaught error (${how}) is logged with its cause, drained, and ends the process with 1`, async (t) => {
    const { child, ended } = await start(t)
    child.send(how)
    const [code, lines] = await ended
    assert.equal(code, 1)
    assert.deepEqual(messages(lines), ['uncaught error: draining, then ending', 'unready', 'closing', 'drained'])
    assert.match(JSON.stringify(lines[0]!.err), /outside.*inside/)
  })
}

test('SIGTERM ends it with 0, after unready and close', async (t) => {
  const { child, ended } = await start(t)
  child.kill('SIGTERM')
  const [code, lines] = await ended
  assert.equal(code, 0)
  assert.deepEqual(messages(lines), ['draining', 'unready', 'closing', 'drained'])
})

test('when the parent that supervises it is gone it ends in order', async (t) => {
  const { child, ended } = await start(t)
  child.disconnect()
  assert.equal((await ended)[0], 0)
})

test('past the deadline it ends with 1', async (t) => {
  const { child, ended } = await start(t, { NEVER_CLOSES: '1', SHUTDOWN_TIMEOUT_MS: '100' })
  child.kill('SIGTERM')
  const [code, lines] = await ended
  assert.equal(code, 1)
  assert.match(messages(lines).join(), /shutdown took longer than 100 ms/)
})

test('a second signal ends it at once', async (t) => {
  const { child, ended } = await start(t, { NEVER_CLOSES: '1' })
  child.kill('SIGTERM')
  await once(child.stdout!, 'data')
  child.kill('SIGTERM')
  const [code, lines] = await ended
  assert.equal(code, 1)
  // A line that was being written when the process ended may stand behind it.
  assert.ok(messages(lines).includes('second SIGTERM: ending at once'))
})
