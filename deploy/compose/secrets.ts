import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const local = 'certs/local'

/**
 * Makes what `compose.yaml` mounts, as far as it is not there: the local certificate under the names that the image expects,
 * a file for the gateway's secret settings, a password for Grafana.
 *
 * A container's user has another number than the files' owner, and Compose mounts a file as it is, so the files can be read
 * by all; the folder around them is closed to everybody but the owner, and is not what is mounted.
 */
export function prepareSecrets (folder: string): void {
  mkdirSync(join(folder, 'tls'), { recursive: true })
  chmodSync(folder, 0o700)
  chmodSync(join(folder, 'tls'), 0o755)
  makeLocalCertificates()
  copyCertificates(join(folder, 'tls'))
  writeOnce(join(folder, 'gateway.env'), '# Settings of the gateway that are secret: SLACK_WEBHOOK_URL, or any other of README.md.\n')
  writeOnce(join(folder, 'grafana-password'), randomBytes(18).toString('base64url'))
}

function makeLocalCertificates (): void {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'certs/src/cli.ts', 'dev', '--quiet'], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

/** The certificate, its key, and for CLIENT_AUTH the authority and its revocations. */
function copyCertificates (folder: string): void {
  const copies = { 'ca.crt': 'ca.crt', 'ca.crl': 'ca.crl', 'server.key': 'tls.key', 'server.crt': 'tls.crt' }
  for (const [from, to] of Object.entries(copies)) {
    const source = join(local, from)
    if (existsSync(source)) replace(join(folder, to), readFileSync(source))
  }
}

/** Never half written: a running gateway watches the folder. */
function replace (path: string, content: Buffer): void {
  if (existsSync(path) && readFileSync(path).equals(content)) return
  writeFileSync(`${path}.new`, content)
  chmodSync(`${path}.new`, 0o644)
  renameSync(`${path}.new`, path)
}

function writeOnce (path: string, content: string): void {
  if (existsSync(path)) return
  writeFileSync(path, content)
  chmodSync(path, 0o644)
}
