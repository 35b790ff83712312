import { CertsError, toSentence } from './errors.ts'
import { processIo } from './io.ts'
import type { Io } from './io.ts'

interface Command {
  help: string
  run (args: string[], io: Io): Promise<void>
}

/** One file a command, loaded when it is called for. */
const commands = new Map<string, { summary: string, load: () => Promise<Command> }>([
  ['dev', { summary: 'local authority and server certificate for development', load: () => import('./commands/dev.ts') }],
  ['ca', { summary: 'a certificate authority, its key encrypted', load: () => import('./commands/ca.ts') }],
  ['server', { summary: 'key and certificate for a server', load: () => import('./commands/server.ts') }],
  ['client', { summary: 'key and certificate for a client', load: () => import('./commands/client.ts') }],
  ['csr', { summary: 'a key that stays here, and a request to have it certified', load: () => import('./commands/csr.ts') }],
  ['sign', { summary: 'a certificate for a request', load: () => import('./commands/sign.ts') }],
  ['list', { summary: 'what was signed: name, kind, expiry, status, serial', load: () => import('./commands/list.ts') }],
  ['renew', { summary: 'a new certificate with the same names', load: () => import('./commands/renew.ts') }],
  ['revoke', { summary: 'takes a certificate back', load: () => import('./commands/revoke.ts') }],
  ['crl', { summary: 'signs the revocation list anew, before it runs out', load: () => import('./commands/crl.ts') }],
  ['export', { summary: 'a bundle (PKCS#12) for browsers and other programs', load: () => import('./commands/export.ts') }],
  ['trust', { summary: 'tells how to trust the authority; changes nothing', load: () => import('./commands/trust.ts') }]
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
  await command.run(args, processIo)
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
