import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOf, isWithin } from '../src/client-address.ts'
import { networks } from '../src/config/kinds.ts'
import { ask, startGateway } from './helper.ts'

const trusted = networks.parse('10.0.0.0/8,fd00::/8')!
const address = (peer: string, forwardedFor?: string) => clientOf(peer, forwardedFor, trusted).address

test('nobody’s word is taken but that of a trusted proxy', () => {
  assert.equal(address('192.0.2.1', '6.6.6.6'), '192.0.2.1')
  assert.equal(address('10.0.0.1'), '10.0.0.1')
  assert.equal(address('10.0.0.1', '192.0.2.1'), '192.0.2.1')
  assert.equal(address('fd00::1', '2001:db8::7'), '2001:db8::7')
  assert.equal(address('::ffff:10.0.0.1', '192.0.2.1'), '192.0.2.1')
})

test('of a chain, the first untrusted address from the right is the client; what it claims itself is dropped', () => {
  assert.deepEqual(clientOf('10.0.0.1', '6.6.6.6, 192.0.2.1, 10.0.0.2', trusted), { address: '192.0.2.1', chain: ['192.0.2.1', '10.0.0.2', '10.0.0.1'] })
  assert.deepEqual(clientOf('10.0.0.1', '10.0.0.3, 10.0.0.2', trusted), { address: '10.0.0.3', chain: ['10.0.0.3', '10.0.0.2', '10.0.0.1'] })
})

test('an entry that is no address ends the chain before it', () => {
  for (const garbage of ['unknown', '', 'a"b;proto=http', '1.2.3', '192.0.2.1, x', '999.1.1.1', '_hidden', 'fe80::1%eth0']) {
    assert.equal(address('10.0.0.1', garbage), '10.0.0.1', garbage)
  }
  assert.equal(address('10.0.0.1', '192.0.2.1:5678'), '192.0.2.1')
  assert.equal(address('10.0.0.1', '[2001:db8::7]:443'), '2001:db8::7')
})

test('a text that is no address is in no network', () => {
  for (const text of ['', 'x', undefined, '10.0.0', '10.0.0.1 ']) assert.equal(isWithin(trusted, text), false)
})

test('limits, log and headers go by the same answer', async (t) => {
  const gateway = await startGateway(t, { TRUST_PROXY: '127.0.0.1', RATE_LIMIT_RPS: '0.01', RATE_LIMIT_BURST: '1' })
  const from = (client: string) => ask(gateway, { headers: { 'x-forwarded-for': client } })
  const { json } = await from('6.6.6.6, 192.0.2.1')
  assert.equal(json.headers['x-real-ip'], '192.0.2.1')
  assert.equal(json.headers['x-forwarded-for'], '192.0.2.1, 127.0.0.1')
  assert.match(json.headers.forwarded, /^for=192\.0\.2\.1;/)
  assert.equal((await from('192.0.2.1')).status, 429)
  assert.equal((await from('192.0.2.2')).status, 200)
  await ask(gateway, { path: '/%zz', headers: { 'x-forwarded-for': '192.0.2.3' } })
  assert.equal((await from('192.0.2.3')).status, 429)
  assert.deepEqual(gateway.logged.filter((line) => line.msg === 'request').map((line) => line.client), [
    '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.3'
  ])
})
