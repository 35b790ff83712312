import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { run } from './command.ts'

const day = 24 * 60 * 60 * 1000
const enoughLeft = 30 * day

const store = 'certs/local'
const cli = ['--import', 'tsx', 'certs/src/cli.ts']

/**
 * Sees to it that certs/local/server.crt is good for these hosts, besides this machine's own names. A good one stays: the
 * name of the Secret is made from its content, so that a new one rolls the gateways.
 */
export function certificateFor (hosts: string[]): void {
  if (!existsSync(`${store}/ca.crt`)) run(process.execPath, ...cli, 'dev')
  const wanted = [...new Set(['localhost', '127.0.0.1', '::1', ...hosts])]
  if (isGood(wanted)) {
    process.stdout.write(`${store}/server.crt is good for ${wanted.join(', ')}.\n`)
    return
  }
  run(process.execPath, ...cli, 'server', '--force', ...wanted.flatMap((host) => ['--host', host]))
}

function isGood (hosts: string[]): boolean {
  if (!existsSync(`${store}/server.crt`) || !existsSync(`${store}/server.key`)) return false
  const certificate = new X509Certificate(readFileSync(`${store}/server.crt`))
  const authority = new X509Certificate(readFileSync(`${store}/ca.crt`))
  return certificate.verify(authority.publicKey) &&
    Date.parse(certificate.validTo) - Date.now() > enoughLeft &&
    hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined)
}
