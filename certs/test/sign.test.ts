import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  BasicConstraintsExtension, ExtendedKeyUsageExtension, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension
} from '@peculiar/x509'
import { newKey, signingAlgorithm, toKeyPair } from '../src/keys.ts'
import { certificateIn, certs, keyIn, newFolder, newStore } from './helper.ts'

/** A client's folder with a request in it, and an authority's that has the request only. */
async function requested (t: TestContext, ...args: string[]) {
  const [mine, authority] = [newFolder(t), await newStore(t)]
  assert.equal((await certs(['csr', 'alice', '--dir', mine, ...args])).refusal, undefined)
  return { mine, authority, file: join(mine, args.includes('--host') ? 'servers' : 'clients', 'alice.csr') }
}

function written (t: TestContext, name: string, text: string): string {
  const file = join(newFolder(t), name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

async function greedy (key: KeyObject, commonName: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }, { O: ['Administrators'] }],
    keys: await toKeyPair(key),
    signingAlgorithm: signingAlgorithm(key),
    extensions: [
      new BasicConstraintsExtension(true),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: 'bank.example' }, { type: 'email', value: 'root@example.com' }])
    ]
  })
  return request.toString('pem')
}

test('the key never leaves its owner; what comes back belongs to it', async (t) => {
  const { mine, authority, file } = await requested(t)
  const { refusal, lines } = await certs(['sign', file, '--dir', authority])
  assert.equal(refusal, undefined)
  assert.match(lines[0] ?? '', /^Made .*clients\/alice\.crt, serial \w+, valid until/)
  assert.ok(!existsSync(join(authority, 'clients/alice.key')))
  copyFileSync(join(authority, 'clients/alice.crt'), join(mine, 'clients/alice.crt'))
  const certificate = certificateIn(mine, 'clients/alice')
  assert.ok(certificate.checkPrivateKey(keyIn(mine, 'clients/alice')) && certificate.verify(certificateIn(authority, 'ca').publicKey))
  assert.equal(certificate.subject, 'CN=alice')
})

test('nothing of what a request asks for gets into the certificate, and the output tells what was asked', async (t) => {
  const directory = await newStore(t)
  const file = written(t, 'alice.csr', await greedy(newKey(), 'alice'))
  const { lines } = await certs(['sign', file, '--dir', directory, '--email', 'alice@example.com'])
  const certificate = certificateIn(directory, 'clients/alice')
  assert.deepEqual([certificate.ca, certificate.keyUsage, certificate.subject, certificate.subjectAltName],
    [false, ['1.3.6.1.5.5.7.3.2'], 'CN=alice', 'email:alice@example.com'])
  assert.equal(lines.at(-1), 'The request asked for dns:bank.example, email:root@example.com; the certificate has email:alice@example.com.')
})

test('a request that asks for another name than its file says is not signed, unless --name says whose it is', async (t) => {
  const directory = await newStore(t)
  const file = written(t, 'alice.csr', await greedy(newKey(), 'admin'))
  assert.equal((await certs(['sign', file, '--dir', directory])).refusal, "alice.csr asks for the name 'admin': say with --name NAME whom it is for.")
  assert.equal((await certs(['sign', file, '--dir', directory, '--name', 'alice'])).refusal, undefined)
  assert.equal(certificateIn(directory, 'clients/alice').subject, 'CN=alice')
})

test('a server gets the hosts that are named when it is signed, and no others', async (t) => {
  const { authority, file } = await requested(t, '--host', 'a.example', '--host', 'b.example')
  assert.match((await certs(['sign', file, '--server', '--dir', authority])).refusal ?? '', /asks for dns:a\.example, dns:b\.example\.$/)
  assert.equal((await certs(['sign', file, '--server', '--host', 'a.example', '--dir', authority])).refusal, undefined)
  const certificate = certificateIn(authority, 'servers/alice')
  assert.deepEqual([certificate.subjectAltName, certificate.keyUsage], ['DNS:a.example', ['1.3.6.1.5.5.7.3.1']])
})

test('a request that was tampered with, or is none, is refused', async (t) => {
  const { authority, file } = await requested(t)
  const der = Buffer.from(readFileSync(file, 'utf8').replaceAll(/-----.*-----|\s/g, ''), 'base64')
  const toText = (octets: Buffer) => `-----BEGIN CERTIFICATE REQUEST-----\n${octets.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  const renamed = Buffer.from(der)
  renamed.write('mallo', renamed.indexOf('alice'))
  assert.match((await certs(['sign', written(t, 'mallo.csr', toText(renamed)), '--dir', authority])).refusal ?? '', /was not signed with its own key/)
  for (const text of ['', 'hello', toText(Buffer.alloc(0)), toText(der.subarray(0, -9)), readFileSync(join(authority, 'ca.crt'), 'utf8'), toText(Buffer.alloc(500, 0x30))]) {
    assert.match((await certs(['sign', written(t, 'x.csr', text), '--dir', authority])).refusal ?? '', /is no readable certificate request|was not signed/)
  }
  assert.match((await certs(['sign', '/nowhere.csr', '--dir', authority])).refusal ?? '', /^Cannot read \/nowhere\.csr \(ENOENT\)\.$/)
  assert.ok(!existsSync(join(authority, 'issued')))
})

test('a request for a key that is not its sender\'s is refused', async (t) => {
  const [mine, theirs] = [newKey(), newKey()]
  const { publicKey } = await toKeyPair(theirs)
  const { privateKey } = await toKeyPair(mine)
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['alice'] }], keys: { publicKey, privateKey }, signingAlgorithm: signingAlgorithm(mine)
  })
  const file = written(t, 'alice.csr', request.toString('pem'))
  assert.match((await certs(['sign', file, '--dir', await newStore(t)])).refusal ?? '', /was not signed with its own key/)
})

test('weak keys are refused by what they are', async (t) => {
  const directory = await newStore(t)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const file = written(t, 'alice.csr', await greedy(rsa, 'alice'))
  assert.match((await certs(['sign', file, '--dir', directory])).refusal ?? '', /alice\.csr is for an RSA key of 1024 bits; a certificate takes RSA from 2048/)
})

test('a key that lies there under the name must be the request\'s', async (t) => {
  const { authority, file } = await requested(t)
  await certs(['csr', 'alice', '--dir', authority])
  assert.match((await certs(['sign', file, '--dir', authority])).refusal ?? '', /is another key than the request's/)
  assert.equal((await certs(['sign', join(authority, 'clients/alice.csr'), '--dir', authority])).refusal, undefined)
  assert.ok(createPublicKey(keyIn(authority, 'clients/alice')).equals(certificateIn(authority, 'clients/alice').publicKey))
})

test('options that contradict each other: one sentence', async (t) => {
  const { authority, file } = await requested(t)
  for (const [args, sentence] of [
    [['--client', '--server'], /^A certificate is for a client or for a server/],
    [['--server', '--email', 'a@example.com'], /^--email and --dns are for clients/],
    [['--host', 'a.example'], /^--host is for servers/],
    [['--name', 'a/b'], /is no name/]
  ] as const) assert.match((await certs(['sign', file, ...args, '--dir', authority])).refusal ?? '', sentence)
})
