import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { announce } from '../announcement.ts'
import { openAuthority } from '../authority.ts'
import { CertsError } from '../errors.ts'
import type { Io } from '../io.ts'
import { makeCertificate } from '../issuing.ts'
import { placeOf, shown, storeOf } from '../layout.ts'
import { checkDnsName, checkEmail, checkHosts, checkOwnName, printable } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, passphraseHelp, passphraseOption, wholeNumber } from '../options.ts'
import { clientProfile, lifetimes, serverProfile } from '../profiles.ts'
import { readRequest } from '../requests.ts'
import type { Request } from '../requests.ts'

export const help = `Usage: certs sign FILE.csr [--client | --server --host HOST …] [OPTIONS]

Makes a certificate for the key in a request, after checking that the request was signed with that key: clients/NAME.crt
or servers/NAME.crt. Of what else the request asks for, the certificate has only what is said here again.

  --client                for a client (default)
  --server                for a server
  --name NAME             its name (default: the file's, which for a client must be the request's common name)
  --host HOST             for a server: a DNS name or address it is reached by; repeatable
  --email ADDRESS         for a client: an e-mail address in the certificate; repeatable
  --dns HOST              for a client: a DNS name in the certificate; repeatable
  --days N                validity (default: ${lifetimes.client.days} for a client, ${lifetimes.server.days} for a server)
  --force                 replaces the certificate of that name
${passphraseHelp}
${dirHelp}
${helpHelp}
`

const options = {
  ...dirOption,
  ...passphraseOption,
  client: { type: 'boolean' },
  server: { type: 'boolean' },
  name: { type: 'string' },
  host: { type: 'string', multiple: true },
  email: { type: 'string', multiple: true },
  dns: { type: 'string', multiple: true },
  days: { type: 'string' },
  force: { type: 'boolean' }
} as const

type Values = ReturnType<typeof parseArgument<typeof options>>['values']

/** `certs sign`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument: file, values } = parseArgument('sign', args, 'FILE.csr', options)
  const kind = values.server ? 'server' : 'client'
  checkKind(values)
  const request = await readRequest(readRequestFile(file), shown(file))
  const name = nameFor(request, values, file)
  if (values.server && !values.host) throw new CertsError(`Say with --host what the server is reached by; the request asks for ${wishes(request)}.`)
  const profile = values.server ? serverProfileOf(values) : clientProfileOf(name, values)
  const directory = storeOf(values.dir)
  const place = placeOf(directory, kind, name)
  const now = new Date()
  const authority = await openAuthority(directory, { file: values['passphrase-file'], variable: 'CERTS_PASSPHRASE', io }, now)
  const delivery = await makeCertificate(authority, place, profile, request.publicKey, { force: values.force }, now)
  announce(io, 'Made', place, authority, delivery, false)
  if (request.alternativeNames.length > 0) {
    io.print(`The request asked for ${wishes(request)}; the certificate has ${delivery.certificate.subjectAltName ?? 'no alternative names'}.`)
  }
}

function checkKind ({ client, server, host, email, dns }: Values): void {
  if (client && server) throw new CertsError('A certificate is for a client or for a server: leave --client or --server out.')
  if (server && (email || dns)) throw new CertsError('--email and --dns are for clients; a server has --host.')
  if (!server && host) throw new CertsError('--host is for servers: add --server, or use --dns for a client.')
}

function readRequestFile (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CertsError(`Cannot read ${printable(file)} (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** Whoever made the request chose its name; it counts when the one who signs has said the same, by the file's or --name. */
function nameFor ({ commonName }: Request, { name, server }: Values, file: string): string {
  if (name !== undefined) return checkOwnName(name)
  const own = basename(file).replace(/\.(csr|pem|req)$/i, '').normalize('NFC')
  if (server || own === commonName?.normalize('NFC')) return checkOwnName(own)
  const asked = commonName === undefined ? 'no single common name' : `the name '${printable(commonName)}'`
  throw new CertsError(`${printable(basename(file))} asks for ${asked}: say with --name NAME whom it is for.`)
}

function serverProfileOf ({ host = [], days }: Values) {
  return serverProfile(checkHosts(host), wholeNumber('days', days, 1, lifetimes.server.most))
}

function clientProfileOf (name: string, { email = [], dns = [], days }: Values) {
  const names = { email: email.map(checkEmail), dns: dns.map(checkDnsName) }
  return clientProfile(name, names, wholeNumber('days', days, 1, lifetimes.client.most))
}

function wishes ({ alternativeNames }: Request): string {
  return alternativeNames.length > 0 ? printable(alternativeNames.join(', ')) : 'no name'
}
