import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkEmail, checkHosts, checkName, checkOwnName } from '../src/names.ts'

test('names: letters and digits of any script, a few signs, up to 64 characters', () => {
  for (const name of ['a', 'alice', 'José Müller', '李雷', 'Айгуль', 'ada@example.com', "O'Neil", 'build-42_x.y', '०१', 'x'.repeat(64), '語'.repeat(60)]) {
    assert.equal(checkName(name), name)
  }
})

test('a name is in composed form, so that the same name is the same file', () => {
  assert.equal(checkName('Jose\u0301'), 'José')
})

test('names that lead elsewhere, hide something or are no file\'s: refused', () => {
  for (const name of [
    '', ' ', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', '-option', 'a\0b', 'a\nb', 'a\u202Eb', 'a\u200Bb', 'a:b', 'a*', 'a"b', '$HOME', '`id`', 'a;b',
    'a  b', ' a', 'a ', 'a.', '#616263', 'con', 'NUL.txt', 'lpt1', 'x'.repeat(65), '語'.repeat(61), '\ud800', '🔑'
  ]) assert.throws(() => checkName(name), { name: 'CertsError' }, JSON.stringify(name))
})

test('a refusal shows no characters that a terminal obeys', () => {
  assert.throws(() => checkName('a\x1b[2Jb\u202E'), ({ message }: Error) => !/[\p{Cc}\p{Cf}]/u.test(message) && message.startsWith("'a?[2Jb?'"))
})

test('the store\'s own names are nobody\'s', () => {
  for (const name of ['ca', 'server', 'Server', 'CA']) assert.throws(() => checkOwnName(name), /the store's own/)
  assert.equal(checkOwnName('server2'), 'server2')
})

test('hosts: DNS names, wildcards, IPv4 and IPv6, each once and in one form', () => {
  assert.deepEqual(
    checkHosts(['Example.com', 'example.com', '*.Example.com', '10.0.0.1', '[::1]', '0:0:0:0:0:0:0:1', '2001:DB8::1', 'xn--mnchen-3ya.de', 'localhost']),
    { dns: ['example.com', '*.example.com', 'xn--mnchen-3ya.de', 'localhost'], ip: ['10.0.0.1', '::1', '2001:db8::1'] }
  )
})

test('hosts that no client would match: refused', () => {
  for (const host of [
    '', '*', '*.com', 'a.*.example.com', '**.example.com', 'w*.example.com', '*.*.example.com', 'münchen.de', 'a_b.example', 'https://example.com',
    'example.com:443', 'example.com.', '-a.example', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'fe80::1%eth0', 'a b', `${'a'.repeat(64)}.example`
  ]) assert.throws(() => checkHosts([host]), /is neither a DNS name/, host)
})

test('e-mail addresses', () => {
  for (const address of ['a@example.com', 'first.last+tag@sub.example.com']) assert.equal(checkEmail(address), address)
  for (const address of ['', 'a', '@example.com', 'a@', 'a@b c', 'ä@example.com', 'a@exa_mple.com', 'a,b@example.com', `${'a'.repeat(65)}@example.com`]) {
    assert.throws(() => checkEmail(address), /no e-mail address/, address)
  }
})
