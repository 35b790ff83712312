import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { loadConfig } from '../../src/config.ts'
import { loadClientAuthority } from '../../src/tls/client-authority.ts'
import { ago, makeAuthority } from '../client-authority.ts'
import { makeCertificate, temporaryFolder } from '../credentials.ts'

/** Files of a test's own: their content, or none to leave a file out. */
function files (t: TestContext, ca?: string, crl?: string): [string, string] {
  const folder = temporaryFolder(t)
  const [caFile, crlFile] = [join(folder, 'ca.crt'), join(folder, 'ca.crl')]
  if (ca !== undefined) writeFileSync(caFile, ca)
  if (crl !== undefined) writeFileSync(crlFile, crl)
  return [caFile, crlFile]
}

async function mistake (caFile: string, crlFile?: string): Promise<string> {
  return loadClientAuthority(caFile, crlFile).then(() => assert.fail('it was taken'), ({ message }) => message)
}

test('what can’t be used is refused at the start, with the variable and the file', async (t) => {
  const authority = await makeAuthority()
  const { cert } = await makeCertificate()
  const leaf = (await authority.issue()).cert
  assert.match(await mistake('/nowhere/ca.crt'), /^CLIENT_CA_FILE \(\/nowhere\/ca\.crt\) is not there\.$/)
  assert.match(await mistake(files(t, 'hello')[0]), /holds no PEM certificate/)
  assert.match(await mistake(files(t, leaf)[0]), /holds a certificate that is no authority's/)
  assert.match(await mistake(files(t, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----')[0]), /holds what is not a certificate/)
  assert.match(await mistake(...files(t, authority.cert)), /^CLIENT_CRL_FILE \(.*\) is not there\.$/)
  assert.match(await mistake(...files(t, authority.cert, cert)), /holds no PEM x509 crl/)
  assert.match(await mistake(...files(t, authority.cert, await (await makeAuthority()).revoke([]))), /no authority of CLIENT_CA_FILE signed/)
  const over = await authority.revoke([], { from: ago(3), to: ago(1) })
  assert.match(await mistake(...files(t, authority.cert, over)), /a list whose time is over/)
})

test('asking for certificates without an authority is a contradiction', () => {
  assert.throws(() => loadConfig({ CLIENT_AUTH: 'optional' }), /CLIENT_AUTH is optional\. It takes CLIENT_CA_FILE/)
})

test('a believed certificate is objected to once it, or the list that speaks for it, is over', async (t) => {
  const made = await makeAuthority()
  const chain = [new X509Certificate((await made.issue('CN=alice', { to: ago(-5) })).cert)]
  const listed = await loadClientAuthority(...files(t, made.cert, await made.revoke([], { to: ago(-2) })))
  assert.equal(listed.objection(chain), undefined)
  assert.equal(listed.objection(chain, ago(-3)), 'the revocation list that speaks for it has expired')
  const unlisted = await loadClientAuthority(files(t, made.cert)[0], undefined)
  assert.equal(unlisted.objection(chain, ago(-3)), undefined)
  assert.equal(unlisted.objection(chain, ago(-6)), 'it is not valid now')
  assert.equal((await loadClientAuthority(files(t, (await makeAuthority()).cert)[0], undefined)).objection(chain), 'no trusted authority signed it')
})

test('with several authorities each needs a list of its own', async (t) => {
  const [one, other] = [await makeAuthority('CN=One'), await makeAuthority('CN=Other')]
  const bundle = `${one.cert}\n${other.cert}`
  const ofOther = [new X509Certificate((await other.issue()).cert)]
  const half = await loadClientAuthority(...files(t, bundle, await one.revoke([])))
  assert.equal(half.objection(ofOther), 'no revocation list speaks for it')
  const whole = await loadClientAuthority(...files(t, bundle, `${await one.revoke([])}\n${await other.revoke([])}`))
  assert.equal(whole.objection(ofOther), undefined)
})
