import { agree, bothRefuse, differ, get, head } from './case.ts'
import type { RawCase } from './case.ts'

const host = (value: string) => head('GET /x HTTP/1.1', `Host:${value}`)
const passed = '200 GET /x'
const show = ['x', 'constructor', '__proto__', 'tostring', 'x!#$%&*+.^`|~']

const hosts = (...values: string[]) => values.map((value) => agree(`the Host ${value}`, host(` ${value}`), `200 GET /x Host ${value}`))
const header = (line: string, shown = '') => agree(`the header ${JSON.stringify(line)}`, get('/x', line), `${passed}${shown}`, undefined, { show })

/** Host (RFC 9112 §3.2, RFC 3986 §3.2.2). */
const hostCases: RawCase[] = [
  ...hosts('a:80', 'A', 'a.', 'a_b', 'localhost', '127.0.0.1', '[::1]', '[::1]:80', '[::ffff:1.2.3.4]'),
  agree('spaces around the Host', host('  a  '), passed),
  ...Object.entries({
    'no Host': head('GET /x HTTP/1.1'),
    'two Hosts': get('/x', 'Host: b'),
    'two equal Hosts': get('/x', 'host: a'),
    'an empty Host': host(''),
    'a Host with a path': host(' a/b'),
    'a Host with a space': host(' a b'),
    'a Host with a space in its port': host(' a: 80'),
    'an IPv6 Host without brackets': host(' ::1'),
    'a URI as Host': host(' http://a'),
    'a Host with two dots': host(' a..b'),
    'a dot as Host': host(' .'),
    'two dots as Host': host(' ..')
  }).map(([name, bytes]) => agree(name, bytes, '400', '400 closed')),
  ...bothRefuse({ 'a Host with a NUL': host(' a\0b'), 'a Host with DEL': host(' a\x7f') }),
  agree('a Host with a tab', host(' a\tb'), '400', '400 closed'),
  ...['x@a', 'a,b', 'a:', 'a:x', 'a:+80', 'a:-1', 'a:999999', 'a:80:80', '-a', '[::1', '[::g]', '[v1.x]', '\xe9', 'a%20b', 'a%00', 'a#b', 'a?b', 'a\\b', '"a"', 'a;b', 'a<b', '*', 'a!b', "a'b"]
    .map((value) => differ(`the Host ${JSON.stringify(value)}`, host(` ${value}`), {
      gateway: '400', nginx: `200 GET /x Host ${value}`, why: 'No host name or address with an optional port: caches, logs and redirects upstream may read it differently.'
    })),
  differ('a Host of 256 letters', host(` ${'a'.repeat(256)}`), { gateway: '400', nginx: '200 GET /x Host aa… (256 bytes)', why: 'No name is longer than 255.' })
]

/** Header lines (RFC 9112 §5). */
const syntaxCases: RawCase[] = [
  header('X:', ' [x: ]'), header('X:  y  ', ' [x: y]'), header('X:\ty\t', ' [x: y]'), header('X: a\tb', ' [x: a\tb]'),
  header('X: \xe9', ' [x: \xe9]'), header('X: \xc3\xa9', ' [x: \xc3\xa9]'), header('X: \x85y', ' [x: \x85y]'),
  header('X_Y: z'), header('_: z'), header('__proto__: z'), header('constructor: z', ' [constructor: z]'), header('toString: z', ' [tostring: z]'),
  ...bothRefuse(Object.fromEntries([
    'X : y', 'X\t: y', 'X Y: z', ': y', 'X\0: y', 'X\x01: y', 'X\r: y', 'X: a\0b', 'X: a\rb', 'X: y\r\n z', 'X: y\r\n\tz', ' X: y', '\tX: y'
  ].map((line) => [`the header ${JSON.stringify(line)}`, get('/x', line)]))),
  ...bothRefuse({
    'a first header line that starts with a space': head('GET /x HTTP/1.1', ' Host: a'),
    'a space before the first header, then Host': head('GET /x HTTP/1.1', ' X: y', 'Host: a')
  }),
  ...['X: a\x01b', 'X: a\x0bb', 'X: a\x7fb'].map((line) => differ(`the header ${JSON.stringify(line)}`, get('/x', line), {
    gateway: '400 closed', nginx: '502, not strict HTTP upstream', why: 'Control characters are no part of a value (RFC 9110 §5.5); Nginx passes them on.'
  })),
  ...['X\xe9: y', 'X(Y): z', 'X@: y', 'X/: y', 'X[]: y', 'X{}: y', '"X": y', 'X=: y', 'X;: y', 'X,: y'].map((line) => differ(`the header ${JSON.stringify(line)}`, get('/x', line), {
    gateway: '400 closed', nginx: passed, why: 'No header name (RFC 9110 §5.1): Nginx drops the line, the gateway refuses the request.'
  })),
  differ('a header line without a colon', get('/x', 'X'), { gateway: '400 closed', nginx: '200 GET /x [x: ]', show, why: 'Nginx makes it an empty header.' }),
  differ('a bare LF after a header’s CRLF', get('/x', 'X: y\n'), { gateway: '400 closed', nginx: '200 GET /x [x: y]', show, why: 'The gateway takes no bare LF for a line’s end.' }),
  differ('a name of every punctuation mark that may be in one', get('/x', 'X!#$%&*+.^`|~: y'), {
    gateway: '200 GET /x [x!#$%&*+.^`|~: y]', nginx: passed, show, why: 'It is a valid name (RFC 9110 §5.6.2), which Nginx drops as one of no letters, digits and hyphens.'
  }),
  differ('a header twice', get('/x', 'X: a', 'X: b'), { gateway: '200 GET /x [x: a, b]', nginx: '200 GET /x [x: a; x: b]', show, why: 'Two ways to write one list (RFC 9110 §5.3).' }),
  agree('Authorization twice', get('/x', 'Authorization: a', 'Authorization: b'), '400', '400 closed'),
  agree('a header of 17,000 bytes', get('/x', `X: ${'a'.repeat(17000)}`), '431 closed', '400 closed'),
  agree('more headers than are counted, then two meanings', get('/x', ...Array.from({ length: 2100 }, () => 'X:'), 'Host: b', 'X_Forwarded_For: 6.6.6.6'), '431', '400 closed'),
  agree('more headers than are counted, then a body’s length',
    head('POST /x HTTP/1.1', 'Host: a', ...Array.from({ length: 2100 }, () => 'X:'), 'Content-Length: 2') + 'hi', '431', '400 closed')
]

export const headerCases: RawCase[] = [...hostCases, ...syntaxCases]
