import type { Io } from '../io.ts'
import { checkRsaSize } from '../keys.ts'
import { placeOf, shown, storeOf } from '../layout.ts'
import { checkDnsName, checkEmail, checkHosts, checkOwnName } from '../names.ts'
import { dirHelp, dirOption, helpHelp, parseArgument, rsaHelp } from '../options.ts'
import { requestPair } from '../requesting.ts'

export const help = `Usage: certs csr NAME [OPTIONS]

Makes a key that stays here and a request to have it certified: clients/NAME.key and clients/NAME.csr. The request goes
to the authority (certs sign); the certificate that comes back belongs beside the key as NAME.crt.

  --host HOST             the request is a server's, for this DNS name or address; repeatable (folder: servers)
  --email ADDRESS         asks for an e-mail address in a client's certificate; repeatable
  --dns HOST              asks for a DNS name in a client's certificate; repeatable
${rsaHelp}
  --force                 replaces key and request of that name, and takes its certificate away
${dirHelp}
${helpHelp}
`

/** `certs csr`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const { argument, values } = parseArgument('csr', args, 'NAME', {
    ...dirOption,
    host: { type: 'string', multiple: true },
    email: { type: 'string', multiple: true },
    dns: { type: 'string', multiple: true },
    rsa: { type: 'string' },
    force: { type: 'boolean' }
  })
  const name = checkOwnName(argument)
  const hosts = checkHosts(values.host ?? [])
  const place = placeOf(storeOf(values.dir), values.host ? 'server' : 'client', name)
  const commonName = [...hosts.dns, ...hosts.ip].find((host) => host.length <= 64) ?? name
  await requestPair(storeOf(values.dir), place, commonName, [
    ...[...hosts.dns, ...(values.dns ?? []).map(checkDnsName)].map((value) => ({ type: 'dns' as const, value })),
    ...hosts.ip.map((value) => ({ type: 'ip' as const, value })),
    ...(values.email ?? []).map(checkEmail).map((value) => ({ type: 'email' as const, value }))
  ], { rsa: checkRsaSize(values.rsa), force: values.force })
  io.print(`Made ${shown(place.request)} for the authority, and ${shown(place.key)}, which stays here.`)
}
