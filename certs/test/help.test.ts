import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { runCli } from './helper.ts'

const commands = readdirSync(new URL('../src/commands', import.meta.url)).map((file) => file.replace('.ts', ''))

test('the program\'s help lists every command', async () => {
  const { stdout } = await runCli(['--help'])
  for (const name of commands) assert.match(stdout, new RegExp(`^ {2}${name} +\\S`, 'm'))
  assert.equal(stdout.match(/^ {2}\w+ /gm)?.length, commands.length)
})

for (const name of commands) {
  test(`certs ${name} --help tells its options, in lines that fit`, async () => {
    const { help } = await import(`../src/commands/${name}.ts`) as { help: string }
    assert.ok(help.startsWith(`Usage: certs ${name} `) && help.endsWith('\n'))
    assert.match(help, /^ {2}--dir DIR +\S/m)
    assert.match(help, /^ {2}--help +\S/m)
    for (const line of help.split('\n')) assert.ok(line.length <= 125, line)
  })
}
