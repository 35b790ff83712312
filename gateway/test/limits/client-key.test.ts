import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import fastifyRateLimit from '@fastify/rate-limit'
import { clientKey } from '../../src/limits/client-key.ts'

/** The plugin exports it without declaring its type. */
const { normalizeIP } = fastifyRateLimit as unknown as { normalizeIP: (address: string) => string }

const group = fc.integer({ min: 0, max: 0xffff })
const prefix = fc.tuple(group, group, group, group)
const written = ([groups, upper]: [number[], boolean]): string => {
  const text = groups.map((value) => value.toString(16)).join(':')
  return upper ? text.toUpperCase() : text
}
const hostPart = fc.tuple(group, group, group, group)
/** Mapped addresses, whose prefix is zero, are IPv4. */
const notMapped = (groups: number[]): boolean => groups.slice(0, 4).some((value) => value !== 0)

test('an IPv4 address is its own key', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(clientKey(address), address)))
})

test('all addresses of one /64 share a key, however they are written', () => {
  fc.assert(fc.property(prefix.filter(notMapped), hostPart, hostPart, fc.boolean(), (network, one, other, upper) => {
    const key = clientKey(written([[...network, ...one], upper]))
    assert.equal(clientKey(written([[...network, ...other], !upper])), key)
    assert.equal(clientKey(`${written([[...network, ...one], upper])}%eth0`), key)
  }))
})

test('addresses of different /64 do not share a key', () => {
  fc.assert(fc.property(prefix.filter(notMapped), hostPart, fc.nat(3), fc.integer({ min: 1, max: 0xffff }),
    (network, host, position, change) => {
      const neighbour = network.map((value, index) => index === position ? value ^ change : value)
      fc.pre(notMapped(neighbour))
      assert.notEqual(clientKey(written([[...network, ...host], false])), clientKey(written([[...neighbour, ...host], false])))
    }))
})

test('an IPv4-mapped address is the IPv4 address, written either way', () => {
  fc.assert(fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (bytes) => {
    const [a, b, c, d] = bytes
    const hex = `::ffff:${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`
    for (const mapped of [`::ffff:${bytes.join('.')}`, `::FFFF:${bytes.join('.')}`, hex, `0:0:0:0:0${hex.slice(1)}`]) {
      assert.equal(clientKey(mapped), bytes.join('.'), mapped)
    }
  }))
})

test('two addresses share a key exactly when @fastify/rate-limit normalizes them to the same', () => {
  const near = fc.constantFrom('::', '::1', '1::', '::ffff:1.2.3.4', '::ffff:102:304', '1.2.3.4', 'fe80::1%eth0', 'FE80::2',
    '2001:db8::1.2.3.4', '2001:DB8::1', '2001:db8:0:1::', '2001:db8:0:0:1::', '::ffff:0:1.2.3.4', '::1.2.3.4')
  const address = fc.oneof(fc.ipV6(), fc.ipV4(), near)
  fc.assert(fc.property(address, address, (one, other) => {
    assert.equal(clientKey(one) === clientKey(other), normalizeIP(one) === normalizeIP(other), `${one} and ${other}`)
  }), { numRuns: 1000 })
})

test('what is not an address shares one key', () => {
  for (const address of [undefined, '', 'unknown', '1.2.3', '1.2.3.4:80', '[::1]', ':::', '_hidden', '__proto__']) {
    assert.equal(clientKey(address), 'unknown')
  }
})
