import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../../e2e/process.ts'
import { nginxBinary } from '../peers/nginx.ts'
import { openssl, python, wrk } from '../tools.ts'

/** What the figures were measured on. */
export function machine () {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${distribution()}, kernel ${release()}`
  }
}

function distribution (): string {
  const file = '/etc/os-release'
  return (existsSync(file) && /^PRETTY_NAME="(.*)"$/m.exec(readFileSync(file, 'utf8'))?.[1]) || process.platform
}

/** The versions of everything that took part. */
export function versions (): Record<string, string> {
  const require = createRequire(import.meta.url)
  const autocannon = JSON.parse(readFileSync(require.resolve('autocannon/package.json'), 'utf8')) as { version: string }
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    'model-edge': product.version,
    node: process.versions.node,
    'openssl of node': process.versions.openssl,
    ...(nginxBinary && { nginx: said(nginxBinary, /nginx\/(\S+)/, '-V'), 'openssl of nginx': said(nginxBinary, /built with OpenSSL (\S+)/, '-V') }),
    ...(wrk && { wrk: said(wrk, /wrk (\S+)/, '-v') }),
    ...(openssl && { openssl: said(openssl, /OpenSSL (\S+)/, 'version') }),
    autocannon: autocannon.version,
    ...(python && pythonVersions(python))
  }
}

function said (program: string, pattern: RegExp, argument: string): string {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8' })
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown'
}

function pythonVersions (program: string): Record<string, string> {
  const script = `import json, platform
from importlib.metadata import version
print(json.dumps({'python': platform.python_version(), **{n: version(n) for n in ('flask', 'gunicorn', 'scikit-learn')}}))`
  return JSON.parse(execFileSync(program, ['-c', script], { encoding: 'utf8' })) as Record<string, string>
}
