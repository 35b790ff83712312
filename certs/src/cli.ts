import { CertsError, toSentence } from './errors.ts'

interface Command {
  help: string
  run (args: string[]): Promise<void>
}

/** One file a command, loaded when it is called for. */
const commands = new Map<string, { summary: string, load: () => Promise<Command> }>([
  ['dev', { summary: 'local authority and server certificate for development', load: () => import('./commands/dev.ts') }]
])

const help = `Usage: certs COMMAND [OPTIONS]

${[...commands].map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`).join('\n')}

certs COMMAND --help tells what a command does and takes.
`

async function main ([name, ...args]: string[]): Promise<void> {
  if (name === '--help' || name === '-h') return print(help)
  if (name === undefined) throw new CertsError('A command is missing; certs --help lists them.')
  const entry = commands.get(name)
  if (!entry) {
    const kind = name.startsWith('-') ? 'option' : 'command'
    throw new CertsError(`Unknown ${kind} '${name}'; certs --help lists the commands.`)
  }
  const command = await entry.load()
  if (args.includes('--help') || args.includes('-h')) return print(command.help)
  await command.run(args)
}

function print (text: string): void {
  process.stdout.write(text)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(toSentence(error))
  process.exitCode = 1
}
