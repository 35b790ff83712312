import { agree, bothRefuse, differ, get, head } from './case.ts'
import type { RawCase } from './case.ts'

const quoted = (target: string) => JSON.stringify(target).replaceAll('\\u00', '\\x')
const taken = (...targets: string[]) => targets.map((target) => agree(`the target ${target}`, get(target), `200 GET ${target}`))
const refused = (...targets: string[]) => targets.map((target) => agree(`the target ${quoted(target)}`, get(target), '400', '400 closed'))

/** Nginx passes the target on; as it stands, unless `nginx` says otherwise. */
const refusedHere = (why: string, targets: string[], nginx = (target: string) => `200 GET ${target}`) =>
  targets.map((target) => differ(`the target ${quoted(target)}`, get(target), { gateway: '400', nginx: nginx(target), why }))

/** Request targets (RFC 9112 §3.2, RFC 3986). */
export const targetCases: RawCase[] = [
  ...taken('/a//b', '/a;b', '/a|b', "/a'b", '/a[b]', '/a%20b', '/A%c3%a9', '/a%25%32%66b', '/a/%252e%252e/b', '/a..b', '/.well-known/x',
    '/x:80', '/@b', '/a:b@c/', '/http://b/', '/*', '/a?', '/a?b?c', '/?a=%2F..%2F%00', '/?a=\\', '/?a="<>{}|^`'),
  agree('a target of 8,000 bytes', get(`/${'a'.repeat(7999)}`), '200 GET /a… (8000 bytes)'),
  agree('a target of 9,000 bytes', get(`/${'a'.repeat(8999)}`), '414', '414 closed'),
  agree('a target of 17,000 bytes', get(`/${'a'.repeat(17000)}`), '431 closed', '414 closed'),

  ...refused('/..', '/%2e%2e/a', '/%2e%2e%2f', '/%00', '/a%00b', '/%', '/%2', '/%zz'),
  ...bothRefuse(Object.fromEntries(['/\0', '/a\x01', '/a\x7f', '/a\tb', '/a b', '/?a=b c'].map((target) => [`the target ${quoted(target)}`, get(target)]))),
  ...refusedHere('Dot segments: whether they are still there after the next parser is anybody’s guess.',
    ['/a/../b', '/a/..', '/a/%2E./b', '/a/.%2e/b', '/.', '/./', '/a/./b', '/a/%2e', '/...', '/a/..;/b']),
  ...refusedHere('Two slashes start an authority for some parsers.', ['//a', '//a/../b']),
  ...refusedHere('An escaped slash, or a backslash, is a separator for some parsers and a letter for others.',
    ['/a%2fb', '/a%2Fb', '/a%5Cb', '/a%5cb', '/a\\b']),
  ...refusedHere('A fragment is never sent (RFC 9112 §3.2.1).', ['/a#b', '/a?b#c']),
  ...refusedHere('An escape that is no UTF-8 is read differently by everybody.', ['/%ff', '/%c0%ae%c0%ae/']),
  ...['/\x80', '/caf\xe9', '/caf\xc3\xa9', '/\xa0x'].map((target) => differ(`the target ${quoted(target)}`, get(target), {
    gateway: '400 closed', nginx: '502, not strict HTTP upstream', why: 'A URI is ASCII (RFC 3986 §2); Nginx passes the bytes on.'
  })),
  ...Object.entries({ '/a"b': '/a%22b', '/a<b>': '/a%3Cb%3E', '/a{b}': '/a%7Bb%7D', '/a`b': '/a%60b' }).map(([target, escaped]) =>
    differ(`the target ${target}`, get(target), {
      gateway: `200 GET ${escaped}`, nginx: `200 GET ${target}`, why: 'No character of a URI (RFC 3986 §2): the gateway escapes it, Nginx passes it on.'
    })),

  ...refused('*', '?x', 'x', './x', '../x', '\\x', '://', 'http://', 'http:///x', 'http://u@a/x', 'a', 'a:443', 'javascript:x', ''),
  agree('OPTIONS *', head('OPTIONS * HTTP/1.1', 'Host: a'), '400', '400 closed'),
  agree('CONNECT to an authority', head('CONNECT a:443 HTTP/1.1', 'Host: a'), '405 closed', '400 closed'),
  ...refusedHere('The absolute form may name another host than Host does; only proxies are sent it (RFC 9112 §3.2.2).',
    ['http://a/x', 'http://b/x', 'https://a/x', 'HTTP://a/x', 'http://a:80/x', 'ftp://a/x'], () => '200 GET /x'),
  differ('OPTIONS in absolute form', head('OPTIONS http://a/ HTTP/1.1', 'Host: a'), {
    gateway: '400', nginx: '200 OPTIONS /', why: 'As with any method.'
  })
]
