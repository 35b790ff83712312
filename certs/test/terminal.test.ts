import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hasTool, newFolder } from './helper.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const SECRET = 'correct hörse'

/** Runs `certs ca` on a pseudo-terminal, and types each answer when its question is there. */
function onTerminal (directory: string, answers: string[]): Promise<{ code: number | null, screen: string }> {
  const command = [process.execPath, '--import', 'tsx', cli, 'ca', '--dir', directory].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = [...answers]
  let [screen, answered] = ['', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const questions = screen.match(/(key|more): /g)?.length ?? 0
    while (answered < questions && waiting.length > 0) {
      answered++
      child.stdin.write(waiting.shift())
    }
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, screen }))
  })
}

test('on a terminal the passphrase is asked for twice, and not shown', async (t) => {
  if (!hasTool(t, 'script', '--version')) return
  const directory = newFolder(t)
  const { code, screen } = await onTerminal(directory, [`${SECRET}\r`, `${SECRET}\r`])
  assert.equal(code, 0, screen)
  assert.match(screen, /New passphrase for .*ca\.key: \r?\nThe same once more: \r?\nMade the authority/)
  assert.ok(!screen.includes('correct') && !screen.includes('*'))
  assert.ok(createPrivateKey({ key: readFileSync(join(directory, 'ca.key')), passphrase: SECRET }))
})

test('Ctrl-C at the question ends it, with nothing made', async (t) => {
  if (!hasTool(t, 'script', '--version')) return
  const directory = newFolder(t)
  const { code, screen } = await onTerminal(directory, ['corr\x03'])
  assert.equal(code, 1)
  assert.match(screen, /ca\.key: \r?\nInterrupted; nothing was changed\.\r?\n$/)
  assert.ok(!existsSync(directory))
})
