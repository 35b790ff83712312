import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromSource, run, runToEnd } from './process.ts'
import type { Running, Scope } from './process.ts'

/** Any free port for everything, so that tests run beside each other and beside a running product. */
export const freePorts = { HTTPS_PORT: '0', HTTP_PORT: '0', GATEWAY_ADMIN_PORT: '0', PREDICTOR_PORT: '0', PREDICTOR_ADMIN_PORT: '0' }

export interface Stack {
  local: Running
  url: string
  redirectUrl: string
  adminUrl: string
  predictorUrl: string
  predictorAdminUrl: string
  ca: Buffer
}

/** A folder that is gone when the test is over. */
export function temporaryFolder (t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-edge-e2e-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Certificates of the test's own, made as a user makes them. */
export async function makeCertificates (t: Scope): Promise<{ env: Record<string, string>, ca: Buffer }> {
  const folder = temporaryFolder(t)
  const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', 'dev', '--dir', folder))
  if (code !== 0) throw new Error(output)
  const env = { TLS_CERT_FILE: join(folder, 'server.crt'), TLS_KEY_FILE: join(folder, 'server.key') }
  return { env, ca: readFileSync(join(folder, 'ca.crt')) }
}

/** Predictor and gateway as `pnpm dev` (or `pnpm start`) runs them, ready to answer. */
export async function startStack (t: Scope, env: Record<string, string> = {}, mode: 'dev' | 'start' = 'dev'): Promise<Stack> {
  const certificates = await makeCertificates(t)
  const local = run(t, fromSource('deploy/local.ts', mode), { ...freePorts, ...certificates.env, ...env })
  const [, predictorLine] = await local.said(/^predictor \| (\{.*"msg":"listening".*\})$/m)
  const [, gatewayLine] = await local.said(/^gateway {3}\| (\{.*"msg":"listening".*\})$/m)
  // Said last, when changes of the source are watched for too.
  await local.said(/^ {2}Ready: /m)
  const { url: predictorUrl, adminUrl: predictorAdminUrl } = JSON.parse(predictorLine!)
  const { url, redirectUrl, adminUrl } = JSON.parse(gatewayLine!)
  return { local, url, redirectUrl, adminUrl, predictorUrl, predictorAdminUrl, ca: certificates.ca }
}
