import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { request } from 'node:https'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { fromSource, run, runToEnd } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'
import { hasTool } from './tools.ts'

const exec = promisify(execFile)
const passphrase = 'correct horse battery'

/** What the README's two minutes make: an authority, alice's certificate and bundle, and a gateway that asks for it. */
async function started (t: TestContext, mode: 'optional' | 'required' = 'optional') {
  const { env } = await makeCertificates(t)
  const folder = dirname(env.TLS_CERT_FILE!)
  const certs = async (...args: string[]) => {
    const { code, output } = await runToEnd(t, fromSource('certs/src/cli.ts', ...args, '--dir', folder), { CERTS_BUNDLE_PASSPHRASE: passphrase })
    assert.equal(code, 0, output)
  }
  await certs('client', 'alice')
  await certs('export', 'alice')
  const predictor = run(t, fromSource('predictor/src/server.ts'), freePorts)
  const PREDICTOR_URL = JSON.parse((await predictor.said(/^\{.*"msg":"listening".*\}$/m))[0]).url
  const gateway = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts,
    ...env,
    PREDICTOR_URL,
    CLIENT_AUTH: mode,
    CLIENT_CA_FILE: join(folder, 'ca.crt'),
    CLIENT_CRL_FILE: join(folder, 'ca.crl')
  })
  const { url } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  const file = (name: string) => join(folder, name)
  return { gateway, url: url as string, certs, file }
}

test('Node: the exported bundle is served, no certificate is 403, a revoked one is 403 without a restart', async (t) => {
  const { gateway, url, certs, file } = await started(t)
  const ca = readFileSync(file('ca.crt'))
  const pfx = readFileSync(file('clients/alice.p12'))
  const statusOf = async (client: object) => {
    const sent = request(url, { ca, agent: false, ...client })
    sent.end()
    const [response] = await once(sent, 'response')
    response.resume()
    return response.statusCode
  }
  assert.equal(await statusOf({ pfx, passphrase }), 200)
  assert.equal(await statusOf({}), 403)
  await certs('revoke', 'alice')
  await gateway.said(/"client authority reloaded"/)
  assert.equal(await statusOf({ pfx, passphrase }), 403)
})

test('curl: certificate and key, and the bundle; where one is required nothing is answered without', async (t) => {
  if (!hasTool(t, 'curl', '--version')) return
  const { url, file } = await started(t, 'required')
  const curl = (...args: string[]) => exec('curl', ['--silent', '--cacert', file('ca.crt'), ...args, `${url}/`])
  const { stdout } = await curl('--cert', file('clients/alice.crt'), '--key', file('clients/alice.key'))
  assert.equal(stdout, '{"status":"application is running"}')
  assert.equal((await curl('--cert-type', 'P12', '--cert', `${file('clients/alice.p12')}:${passphrase}`)).stdout, stdout)
  await assert.rejects(curl(), ({ stdout, code }) => stdout === '' && code !== 0)
})
