import { agree, bothRefuse, chunked, differ, get, head, post } from './case.ts'
import type { RawCase } from './case.ts'

const passed = '200 POST /x "hi"'
const expecting = (value: string) => post('hi', 'Content-Length: 2', `Expect: ${value}`)
const onlyOne = 'The only expectation there is, is 100-continue; Nginx ignores every other.'
const many = Array.from({ length: 50 }, (_, index) => `/${index}`)
const large = 2_000_000

/** Several requests on one connection, those that are never whole, and expectations (RFC 9112 §9, RFC 9110 §10.1.1). */
export const connectionCases: RawCase[] = [
  agree('pipelined GETs are answered in order', many.map((target) => get(target)).join(''), many.map((target) => `200 GET ${target}`).join(', ')),
  agree('a POST, then a GET', post('hi', 'Content-Length: 2') + get('/2'), `${passed}, 200 GET /2`),
  agree('a chunked POST, then one with a length', post('2\r\nhi\r\n0\r\n\r\n', chunked) + post('ho', 'Content-Length: 2'), `${passed}, 200 POST /x "ho"`),
  agree('a POST, then a DELETE', post('hi', 'Content-Length: 2') + head('DELETE /2 HTTP/1.1', 'Host: a'), `${passed}, 200 DELETE /2`),
  agree('a HEAD, then a GET', head('HEAD /1 HTTP/1.1', 'Host: a') + get('/2'), '200 HEAD /1, 200 GET /2'),
  agree('nonsense after two requests', `${get('/1')}${get('/2')}NONSENSE\r\n\r\n`, '200 GET /1, 200 GET /2, 400 closed'),
  agree('nothing more after Connection: close', get('/1', 'Connection: close') + get('/2'), '200 GET /1 closed'),
  agree('nothing more after Connection: keep-alive, close', get('/1', 'Connection: keep-alive, close') + get('/2'), '200 GET /1 closed'),
  agree('an empty line between requests', `${get('/1')}\r\n${get('/2')}`, '200 GET /1, 200 GET /2'),
  differ('a refused request, then a good one', get('//a') + get('/2'), {
    gateway: '400, 200 GET /2', nginx: '200 GET //a, 200 GET /2', why: 'Where the refused one ends is clear, so the next is answered; Nginx refuses nothing there.'
  }),
  differ('a refused request with a body, then a good one', head('POST //a HTTP/1.1', 'Host: a', 'Content-Length: 2') + `hi${get('/2')}`, {
    gateway: '400, 200 GET /2', nginx: '200 POST //a "hi", 200 GET /2', why: 'As without a body: it is read away.'
  }),
  differ('a refused request with chunks', head('POST //a HTTP/1.1', 'Host: a', chunked) + '2\r\nhi\r\n0\r\n\r\n', {
    gateway: '400', nginx: '200 POST //a "hi"', why: 'Whether the connection goes on is the gateway’s choice; not, that what follows is passed on and never answered.'
  }),

  agree('Expect: 100-continue', expecting('100-continue'), `100, ${passed}`),
  agree('Expect: 100-Continue', expecting('100-Continue'), `100, ${passed}`),
  agree('Expect: 100-continue with chunks', post('2\r\nhi\r\n0\r\n\r\n', chunked, 'Expect: 100-continue'), `100, ${passed}`),
  agree('Expect: 100-continue in HTTP/1.0', head('POST /x HTTP/1.0', 'Host: a', 'Connection: keep-alive', 'Expect: 100-continue', 'Content-Length: 2') + 'hi', passed),
  agree('Expect: 100-continue and too much', post('', `Content-Length: ${large}`, 'Expect: 100-continue'), '413 closed'),
  agree('Expect: 100-continue and a bad Host', head('POST /x HTTP/1.1', 'Host: a/b', 'Expect: 100-continue', 'Content-Length: 2') + 'hi', '400', '400 closed'),
  agree('Expect twice', post('hi', 'Content-Length: 2', 'Expect: 100-continue', 'Expect: 100-continue'), '400', '400 closed'),
  ...['tea', '200-ok', '100-continue, x', '100-continue, 100-continue', ''].map((value) =>
    differ(`Expect: ${value}`, expecting(value), { gateway: '400', nginx: passed, why: onlyOne })),

  agree('more than is taken, told at once', post('', `Content-Length: ${large}`), '413 closed'),
  agree('more than is taken, sent', post('a'.repeat(large), `Content-Length: ${large}`), '413 closed'),
  agree('more than is taken, in chunks', post(`${large.toString(16)}\r\n${'a'.repeat(large)}\r\n0\r\n\r\n`, chunked), '413 closed'),
  agree('a body that never comes whole', post('h', 'Content-Length: 500'), '408 closed', 'closed'),
  agree('a head that runs into the next, after a request', `${get('/1')}GET /2 HTTP/1.1\r\nHost: a\r\nX: `, '200 GET /1, 400 closed'),
  agree('a refused request whose body never comes whole', head('POST /x HTTP/1.1', 'Host: a/b', 'Content-Length: 500') + 'h', '400 closed'),
  ...bothRefuse({ 'nothing but nonsense': 'NONSENSE\r\n\r\n', 'a TLS hello inside TLS': '\x16\x03\x01\x00\x05hello\r\n\r\n' })
]
