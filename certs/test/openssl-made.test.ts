import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { certificateIn, certs, hasTool, newFolder, newStore, openssl } from './helper.ts'

const env = { CERTS_PASSPHRASE: 'correct horse' }
const EXTENSIONS = `[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
`

/** An authority as people make it with openssl: several names, an encrypted key, lists by `openssl ca`. */
function authority (t: TestContext, ...key: string[]): string {
  const directory = newFolder(t)
  mkdirSync(directory)
  const config = `[req]\ndistinguished_name=dn\n[dn]\n${EXTENSIONS}[db]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\ncertificate=ca.crt\nprivate_key=ca.key\n`
  for (const [file, text] of Object.entries({ 'openssl.cnf': config, 'index.txt': '', number: '2A\n' })) writeFileSync(join(directory, file), text)
  run(directory, 'req', '-config', 'openssl.cnf', '-extensions', 'ca', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '90',
    '-utf8', '-subj', '/C=DE/O=Öhm \\/ Söhne/CN=Root', '-passout', `pass:${env.CERTS_PASSPHRASE}`)
  return directory
}

function run (directory: string, ...args: string[]): void {
  const { status, output } = openssl(directory, ...args)
  assert.equal(status, 0, output)
}

for (const [what, key] of [
  ['RSA 3072', ['-newkey', 'rsa:3072']], ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']]
] as const) {
  test(`an authority that openssl made (${what}) signs, lists and revokes`, async (t) => {
    if (!hasTool(t, 'openssl', 'version')) return
    const directory = authority(t, ...key)
    for (const line of [['client', 'alice'], ['client', 'bob'], ['server', '--host', 'a.example'], ['revoke', 'bob']]) {
      assert.equal((await certs([...line, '--dir', directory], { env })).refusal, undefined, line.join(' '))
    }
    const all = ['ca.crt', 'ca.crl'].map((file) => readFileSync(join(directory, file), 'utf8')).join('')
    writeFileSync(join(directory, 'all.pem'), all)
    const verify = (file: string) => openssl(directory, 'verify', '-x509_strict', '-crl_check', '-CAfile', 'all.pem', file).output
    for (const file of ['clients/alice.crt', 'server.crt']) assert.equal(verify(file), `${file}: OK\n`)
    assert.match(verify('clients/bob.crt'), /certificate revoked/)
    const { lines } = await certs(['list', '--dir', directory])
    assert.deepEqual(lines.slice(1).map((line) => line.split(/ {2,}/).filter((_, column) => column !== 2 && column !== 4)), [
      ['alice', 'client', 'valid'], ['bob', 'client', 'revoked'], ['server', 'server', 'valid']
    ])
  })
}

test('a key under openssl\'s older encryption opens', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = authority(t, '-newkey', 'rsa:2048')
  run(directory, 'rsa', '-in', 'ca.key', '-passin', 'pass:correct horse', '-aes256', '-traditional', '-out', 'ca.key', '-passout', 'pass:correct horse')
  assert.match(readFileSync(join(directory, 'ca.key'), 'utf8'), /Proc-Type: 4,ENCRYPTED/)
  assert.equal((await certs(['client', 'alice', '--dir', directory], { env })).refusal, undefined)
  assert.match((await certs(['client', 'bob', '--dir', directory], { env: { CERTS_PASSPHRASE: 'another one' } })).refusal ?? '', /^The passphrase does not open/)
})

test('openssl\'s list is read and its numbering goes on: number, entries, reasons, serials of any size', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = authority(t, '-newkey', 'rsa:2048')
  writeFileSync(join(directory, 'index.txt'), [
    'R\t301231235959Z\t260101000000Z,keyCompromise\t01\tunknown\t/CN=old', 'R\t301231235959Z\t260202000000Z\tFF00AA\tunknown\t/CN=high', ''
  ].join('\n'))
  run(directory, 'ca', '-config', 'openssl.cnf', '-name', 'db', '-gencrl', '-out', 'ca.crl', '-passin', 'pass:correct horse')
  await certs(['client', 'alice', '--dir', directory], { env })
  assert.match((await certs(['revoke', 'alice', '--dir', directory], { env })).lines.join(), /ca\.crl is number 43/)
  const { output } = openssl(directory, 'crl', '-in', 'ca.crl', '-noout', '-text', '-CAfile', 'ca.crt')
  assert.match(output, /verify OK/)
  assert.match(output, /Serial Number: 01\n +Revocation Date: Jan {2}1 00:00:00 2026 GMT\n[^]*Key Compromise\n +Serial Number: FF00AA\n +Revocation Date: Feb {2}2/)
  assert.ok(output.includes(`Serial Number: ${certificateIn(directory, 'clients/alice').serialNumber}`))
  assert.match((await certs(['revoke', 'ff:00:aa', '--force', '--dir', directory], { env })).lines.join(), /was revoked already/)
})

test('openssl\'s requests are signed, and their wishes are not granted', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await newStore(t)
  for (const [name, key] of [['rsa', ['rsa:2048']], ['p521', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp521r1']]] as const) {
    run(directory, 'req', '-new', '-newkey', ...key, '-nodes', '-keyout', `../${name}.key`, '-out', `../${name}.csr`, '-subj', `/O=Root/CN=${name}`,
      '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'subjectAltName=email:root@example.com')
    const { refusal } = await certs(['sign', join(directory, `../${name}.csr`), '--dir', directory])
    assert.equal(refusal, undefined)
    const certificate = certificateIn(directory, `clients/${name}`)
    assert.ok(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(directory, `../${name}.key`)))))
    assert.deepEqual([certificate.ca, certificate.subject, certificate.subjectAltName], [false, `CN=${name}`, undefined])
  }
})

test('openssl\'s requests for weak or unknown keys are refused', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await newStore(t)
  for (const [key, sentence] of [
    [['rsa:1024'], /is for an RSA key of 1024 bits/],
    [['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'], /is for a key on the curve secp256k1/],
    [['ed25519'], /is for a key of the kind ed25519/]
  ] as const) {
    run(directory, 'req', '-new', '-newkey', ...key, '-nodes', '-keyout', '../x.key', '-out', '../x.csr', '-subj', '/CN=x')
    assert.match((await certs(['sign', join(directory, '../x.csr'), '--dir', directory])).refusal ?? '', sentence)
  }
  assert.ok(!existsSync(join(directory, 'clients')))
})

test('a certificate that openssl made under the authority is listed, renewed and exported', async (t) => {
  if (!hasTool(t, 'openssl', 'version')) return
  const directory = await newStore(t)
  mkdirSync(join(directory, 'clients'))
  writeFileSync(join(directory, 'x.ext'), 'extendedKeyUsage=clientAuth\nsubjectAltName=email:erin@example.com\n')
  run(directory, 'req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'clients/erin.key', '-out', 'x.csr', '-subj', '/CN=erin')
  run(directory, 'x509', '-req', '-in', 'x.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '9', '-extfile', 'x.ext', '-out', 'clients/erin.crt')
  assert.match((await certs(['list', '--dir', directory])).lines[1] ?? '', /^erin +client +\S+ +expiring +7$/)
  assert.equal((await certs(['renew', 'erin', '--dir', directory])).refusal, undefined)
  assert.equal(certificateIn(directory, 'clients/erin').subjectAltName, 'email:erin@example.com')
  assert.equal((await certs(['export', 'erin', '--dir', directory], { env: { CERTS_BUNDLE_PASSPHRASE: 'battery staple' } })).refusal, undefined)
  assert.match((await certs(['revoke', '7', '--dir', directory])).lines[0] ?? '', /^Revoked erin, serial 7\.$/)
})
