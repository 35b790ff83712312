import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readProxyHeader } from '../src/proxy-protocol.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

const ipv4 = Buffer.from([10, 1, 2, 3, 10, 0, 0, 1, 0x12, 0x34, 1, 187])

/** A version 2 header, by §2.2. */
function binary ({ command = 0x21, family = 0x11, addresses = ipv4, extra = Buffer.alloc(0) } = {}): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(addresses.length + extra.length)
  return Buffer.concat([signature, Buffer.from([command, family]), length, addresses, extra])
}

test('version 1 names the client', () => {
  const line = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'
  assert.deepEqual(readProxyHeader(Buffer.from(`${line}rest`)), { length: line.length, client: { address: '192.0.2.7', port: 56324 } })
  const six = 'PROXY TCP6 2001:db8::7 2001:db8::1 1 443\r\n'
  assert.deepEqual(readProxyHeader(Buffer.from(six)), { length: six.length, client: { address: '2001:db8::7', port: 1 } })
  assert.deepEqual(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\n')), { length: 15, client: undefined })
})

test('version 2 names the client, extensions are skipped', () => {
  assert.deepEqual(readProxyHeader(binary()), { length: 28, client: { address: '10.1.2.3', port: 0x1234 } })
  assert.deepEqual(readProxyHeader(binary({ extra: Buffer.alloc(40, 1) })), { length: 68, client: { address: '10.1.2.3', port: 0x1234 } })
  const addresses = Buffer.from('20010db8000000000000000000000007' + '20010db8000000000000000000000001' + '0001' + '01bb', 'hex')
  assert.deepEqual(readProxyHeader(binary({ family: 0x21, addresses })), { length: 52, client: { address: '2001:db8:0:0:0:0:0:7', port: 1 } })
})

test('a health check of the load balancer’s own keeps its address', () => {
  assert.deepEqual(readProxyHeader(binary({ command: 0x20, family: 0, addresses: Buffer.alloc(0) })), { length: 16, client: undefined })
})

test('what is no header, or a wrong one, is refused', () => {
  for (const text of [
    'GET / HTTP/1.1\r\n', '\x16\x03\x01', 'PROXY TCP4 a b 1 2\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n', 'PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n',
    `PROXY ${'x'.repeat(200)}`, 'proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n'
  ]) assert.throws(() => readProxyHeader(Buffer.from(text, 'latin1')), text)
  assert.throws(() => readProxyHeader(binary({ command: 0x31 })))
  assert.throws(() => readProxyHeader(binary({ command: 0x22 })))
  assert.throws(() => readProxyHeader(binary({ addresses: Buffer.alloc(4) })))
  assert.throws(() => readProxyHeader(binary({ extra: Buffer.alloc(5000) }).subarray(0, 20)))
})

test('a header in pieces is waited for, whatever the pieces', () => {
  const whole = [Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'), binary()]
  fc.assert(fc.property(fc.constantFrom(...whole), fc.nat(), (header, at) => {
    const cut = at % header.length
    assert.equal(readProxyHeader(header.subarray(0, cut)), undefined)
    assert.equal(readProxyHeader(header)!.length, header.length)
  }))
})

test('any bytes give a header, a wait or a refusal, and never a header longer than they are', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, signed) => {
    const given = signed ? Buffer.concat([signature, bytes]) : Buffer.from(bytes)
    try {
      const header = readProxyHeader(given)
      assert.ok(header === undefined || header.length <= given.length)
    } catch (error) {
      assert.match((error as Error).message, /PROXY protocol/)
    }
  }))
})
