import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from './helper.ts'

for (const [args, sentence] of [
  [[], 'A command is missing; certs --help lists them.'],
  [['devv'], "Unknown command 'devv'; certs --help lists the commands."],
  [['constructor'], "Unknown command 'constructor'; certs --help lists the commands."],
  [['--quiet', 'dev'], "Unknown option '--quiet'; certs --help lists the commands."],
  [['dev', '--fast'], "Unknown option '--fast'; see certs dev --help."],
  [['dev', '-q'], "Unknown option '-q'; see certs dev --help."],
  [['dev', 'here'], "Unexpected argument 'here'; see certs dev --help."],
  [['dev', '--dir'], "Option '--dir <value>' argument missing; see certs dev --help."],
  [['dev', '--dir', '--quiet'], "Option '--dir' argument is ambiguous; see certs dev --help."],
  [['dev', '--dir='], '--dir must not be empty; see certs dev --help.'],
  [['dev', '--quiet=yes'], "Option '--quiet' does not take an argument; see certs dev --help."]
] as const) {
  test(`certs ${args.join(' ')}: one sentence and exit code 1`, async () => {
    const run = await runCli([...args])
    assert.deepEqual([run.code, run.stdout, run.stderr], [1, '', `${sentence}\n`])
  })
}

test('--help tells the commands, and a command\'s --help its options', async () => {
  for (const flag of ['--help', '-h']) {
    const program = await runCli([flag])
    assert.deepEqual([program.code, program.stderr], [0, ''])
    assert.match(program.stdout, /^Usage: certs COMMAND[^]*^ {2}dev /m)
    const command = await runCli(['dev', flag])
    assert.deepEqual([command.code, command.stderr], [0, ''])
    assert.match(command.stdout, /^Usage: certs dev[^]*--dir DIR[^]*--quiet[^]*--help/)
  }
})
