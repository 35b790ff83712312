import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fromSource, root } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'
import { hasTool } from './tools.ts'

/** Runs a service in a terminal (script, of util-linux, makes one) until it listens; resolves with what the terminal showed. */
async function inTerminal (t: TestContext, service: string): Promise<string> {
  const { env } = await makeCertificates(t)
  const { PATH, HOME, TMPDIR } = process.env
  const command = [process.execPath, ...fromSource(`${service}/src/server.ts`)].map((word) => `'${word}'`).join(' ')
  const terminal = spawn('script', ['--quiet', '--return', '--flush', '--command', `exec ${command}`, '/dev/null'], {
    cwd: root, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH, HOME, TMPDIR, TERM: 'xterm', ...freePorts, ...env }
  })
  t.after(() => terminal.kill('SIGKILL'))
  let text = ''
  terminal.stdout.setEncoding('utf8').on('data', (piece: string) => { text += piece })
  while (!text.includes('listening')) await once(terminal.stdout, 'data')
  // Ctrl-C, as a person ends it.
  terminal.stdin.write('\x03')
  assert.deepEqual(await once(terminal, 'exit'), [0, null])
  return text
}

for (const service of ['gateway', 'predictor']) {
  test(`${service}: in a terminal its log is for people`, async (t) => {
    if (!hasTool(t, 'script', '--version')) return
    const text = await inTerminal(t, service)
    // eslint-disable-next-line no-control-regex
    assert.match(text, /\[\d\d:\d\d:\d\d\.\d{3}\] \x1b\[32mINFO\x1b\[39m.*listening/)
    assert.match(text, /drained/)
    assert.doesNotMatch(text, /^\{/m)
  })
}
