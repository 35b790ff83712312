import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { ago, makeAuthority } from '../client-authority.ts'
import type { Issued } from '../client-authority.ts'
import { temporaryFolder } from '../credentials.ts'
import { startGateway, until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

const authority = makeAuthority()

/** A gateway that asks for certificates, its authority and its revocation list in a folder of the test's own. */
async function asking (t: TestContext, mode: 'optional' | 'required', env: Record<string, string> = {}, revoked: Issued[] = []) {
  const folder = temporaryFolder(t)
  const [caFile, crlFile] = [join(folder, 'ca.crt'), join(folder, 'ca.crl')]
  writeFileSync(caFile, (await authority).cert)
  writeFileSync(crlFile, await (await authority).revoke(revoked))
  const gateway = await startGateway(t, {
    CLIENT_AUTH: mode, CLIENT_CA_FILE: caFile, CLIENT_CRL_FILE: crlFile, CLIENT_AUTH_EXEMPT: '/public,/v2/health/live', ...env
  })
  return Object.assign(gateway, { caFile, crlFile })
}

/** The answer's bytes to one request with these TLS options; empty when the gateway ended the connection without any. */
async function answer (gateway: TestGateway, options: ConnectionOptions = {}, path = '/'): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', ...options })
  socket.on('error', () => {})
  socket.on('secureConnect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`))
  let text = ''
  socket.on('data', (chunk) => { text += chunk })
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

const status = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0)

/** A certificate whose bytes were changed behind its signature. */
function tampered ({ cert, key }: Issued): { cert: string, key: string } {
  const der = Buffer.from(cert.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const at = der.indexOf('alice')
  der.write('mallo', at)
  return { cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`, key }
}

/** Every kind of client that must be refused, and what it comes with. */
const refused: Record<string, () => Promise<ConnectionOptions>> = {
  'no certificate': async () => ({}),
  'a certificate of another authority': async () => (await makeAuthority('CN=Others')).issue(),
  'one of a twin authority with the same name': async () => (await makeAuthority()).issue(),
  'one that has expired': async () => (await authority).issue('CN=alice', { from: ago(9), to: ago(1) }),
  'one that is not valid yet': async () => (await authority).issue('CN=alice', { from: ago(-1), to: ago(-2) }),
  'one for servers only': async () => (await authority).issue('CN=alice', { usage: '1.3.6.1.5.5.7.3.1' }),
  'one that was tampered with': async () => tampered(await (await authority).issue())
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const only = { minVersion: version, maxVersion: version }
  test(`${version}: a believed certificate is served, optional or required; the upstream and the log learn whose it is`, async (t) => {
    const alice = await (await authority).issue('CN=Älice, O=Example')
    for (const mode of ['optional', 'required'] as const) {
      const gateway = await asking(t, mode)
      const text = await answer(gateway, { ...alice, ...only })
      assert.equal(status(text), 200)
      assert.match(text, /"x-client-cert-subject-cn":"%C3%84lice"/)
      assert.match(text, /"x-client-cert-san":"email:alice@example\.org"/)
      assert.match(text, new RegExp(`"x-client-cert-serial":"${alice.serial}"`, 'i'))
      assert.match(text, /"x-client-cert-fingerprint":"[0-9a-f]{64}"/)
      assert.equal(gateway.logged.find(({ msg }) => msg === 'request')?.clientCertificate, 'Älice')
    }
  })

  for (const [who, make] of Object.entries(refused)) {
    test(`${version}: ${who}: 403 where optional, but for the exempt paths; not a byte where required`, async (t) => {
      const client = { ...await make(), ...only }
      const optional = await asking(t, 'optional')
      const text = await answer(optional, client)
      // A wrong signature may break a TLS 1.2 connection as a whole, exempt paths with it.
      const broken = version === 'TLSv1.2' && text === ''
      if (broken) assert.match(who, /twin|tampered/)
      else assert.match(text, /^HTTP\/1\.1 403[^]*"code":"CLIENT_CERTIFICATE_REQUIRED"/)
      for (const path of broken ? [] : ['/public', '/public?x']) assert.equal(status(await answer(optional, client, path)), 200)
      for (const path of ['/public/', '/public/x', '/PUBLIC', '//public', '/x/../public', '/%70ublic']) {
        assert.notEqual(status(await answer(optional, client, path)), 200, path)
      }
      assert.equal(await answer(await asking(t, 'required'), client), '')
    })
  }

  test(`${version}: a revoked certificate is refused`, async (t) => {
    const bob = await (await authority).issue('CN=bob')
    const alice = await (await authority).issue('CN=alice')
    const optional = await asking(t, 'optional', {}, [bob])
    assert.equal(status(await answer(optional, { ...bob, ...only })), 403)
    assert.equal(status(await answer(optional, { ...alice, ...only })), 200)
    assert.equal(await answer(await asking(t, 'required', {}, [bob]), { ...bob, ...only }), '')
  })

  test(`${version}: no session is resumed, with or without a certificate`, async (t) => {
    const alice = await (await authority).issue()
    for (const client of [{}, alice]) {
      const gateway = await asking(t, 'optional')
      const first = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', ...client, ...only })
      t.after(() => first.destroy())
      await once(first, 'secureConnect')
      let session = first.getSession()
      first.on('session', (ticket) => { session = ticket })
      first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(first, 'data')
      const again = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', session, ...only })
      t.after(() => again.destroy())
      await once(again, 'secureConnect')
      assert.equal(again.isSessionReused(), false)
      again.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      const [data] = await once(again, 'data')
      assert.equal(status(String(data)), 403)
    }
  })
}

test('TLS 1.2: renegotiation, which could change the certificate in mid-connection, is refused', async (t) => {
  const gateway = await asking(t, 'optional')
  const socket = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', maxVersion: 'TLSv1.2' })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  const failed = new Promise<Error>((resolve) => {
    socket.on('error', resolve)
    socket.renegotiate({}, (error) => { if (error !== null) resolve(error) })
  })
  assert.match(String(await failed), /no renegotiation|handshake failure|ECONNRESET|alert/i)
})

test('HTTP/2: each request of a connection goes by the connection’s certificate', async (t) => {
  const gateway = await asking(t, 'optional', { HTTP2: 'on' })
  const statusOf = async (client: ConnectionOptions) => {
    const session = connectHttp2(`https://localhost:${gateway.port}`, { ca: gateway.ca, ...client })
    t.after(() => session.destroy())
    const statuses = []
    for (let i = 0; i < 2; i++) {
      const stream = session.request({ ':path': '/' })
      const [headers] = await once(stream, 'response')
      stream.resume()
      statuses.push(headers[':status'])
    }
    return statuses
  }
  assert.deepEqual(await statusOf(await (await authority).issue()), [200, 200])
  assert.deepEqual(await statusOf({}), [403, 403])
})

test('certificate headers from outside are dropped', async (t) => {
  const gateway = await asking(t, 'optional')
  const forged = { 'X-Client-Cert-Subject-CN': 'admin' }
  const sent = request({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, path: '/public', agent: false, headers: forged })
  sent.end()
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  assert.doesNotMatch(text, /admin/)
})

test('the rate limit goes by the certificate', async (t) => {
  const gateway = await asking(t, 'optional', { RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '2' })
  const [alice, bob] = [await (await authority).issue(), await (await authority).issue('CN=bob')]
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push(status(await answer(gateway, alice)))
  assert.deepEqual(statuses, [200, 200, 429])
  assert.equal(status(await answer(gateway, bob)), 200)
})

test('revoked while connected: 403 on the next request, new connections refused, others go on', async (t) => {
  const [alice, bob] = [await (await authority).issue(), await (await authority).issue('CN=bob')]
  const gateway = await asking(t, 'optional')
  const agents = [alice, bob].map(({ cert, key }) => new Agent({ keepAlive: true, maxSockets: 1, ca: gateway.ca, cert, key }))
  t.after(() => agents.forEach((agent) => agent.destroy()))
  const statuses = () => Promise.all(agents.map(async (agent) => {
    const sent = request({ host: '127.0.0.1', port: gateway.port, agent })
    sent.end()
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    return [response.statusCode, sent.reusedSocket]
  }))
  assert.deepEqual(await statuses(), [[200, false], [200, false]])
  writeFileSync(gateway.crlFile, await (await authority).revoke([bob]))
  await until(() => gateway.logged.some(({ msg }) => msg === 'client authority reloaded'))
  assert.deepEqual(await statuses(), [[200, true], [403, true]])
  assert.equal(status(await answer(gateway, bob)), 403)
  // The authority itself replaced: nobody of the old one is believed any more.
  writeFileSync(gateway.crlFile, '')
  const other = await makeAuthority('CN=Others')
  writeFileSync(gateway.crlFile, await other.revoke([]))
  writeFileSync(gateway.caFile, other.cert)
  await until(() => gateway.logged.filter(({ msg }) => msg === 'client authority reloaded').length === 2)
  assert.deepEqual(await statuses(), [[403, true], [403, true]])
  assert.equal(status(await answer(gateway, await other.issue())), 200)
})

test('a revocation list that is spoilt, expired or another’s is told and the old one stays', async (t) => {
  const bob = await (await authority).issue('CN=bob')
  const gateway = await asking(t, 'optional', {}, [bob])
  const good = readFileSync(gateway.crlFile)
  const errors = () => gateway.logged.filter(({ level }) => level === 50)
  for (const [count, [bad, told]] of [
    ['', /holds no PEM x509 crl/],
    [await (await authority).revoke([], { from: ago(3), to: ago(1) }), /whose time is over/],
    [await (await makeAuthority()).revoke([]), /no authority of CLIENT_CA_FILE signed/]
  ].entries() as ArrayIterator<[number, [string, RegExp]]>) {
    writeFileSync(gateway.crlFile, bad)
    await until(() => errors().length > count)
    assert.match(String(errors().at(-1)!.mistakes), told)
    assert.equal(status(await answer(gateway, bob)), 403)
    writeFileSync(gateway.crlFile, good)
  }
})
