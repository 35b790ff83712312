import { agree, bothRefuse, chunked, differ, get, harmless, head, post, smuggled } from './case.ts'
import type { RawCase } from './case.ts'

const lengthOf = (text: string) => `Content-Length: ${text.length}`
const coded = (value: string) => post('2\r\nhi\r\n0\r\n\r\n', `Transfer-Encoding: ${value}`)
const passed = '200 POST /x "hi"'

/** How long a body is, told twice, in two ways, or in none that is clear: the root of request smuggling (RFC 9112 §6.3, §11.2). */
export const bodyLengthCases: RawCase[] = [
  agree('a Content-Length', post('hi', 'Content-Length: 2'), passed),
  agree('chunked', coded('chunked'), passed),
  agree('a Content-Length with zeros before it', post('hi', 'Content-Length: 0002'), passed),
  agree('neither: no body', post(''), '200 POST /x'),
  agree('neither, and a request after it: no body, a second request', post(smuggled), '200 POST /x, 200 GET /smuggled'),
  agree('DELETE with a body', head('DELETE /x HTTP/1.1', 'Host: a', 'Content-Length: 2') + 'hi', '200 DELETE /x "hi"'),
  agree('Content-Length named in Connection', post('hi', 'Content-Length: 2', 'Connection: Content-Length'), passed),
  agree('Transfer-Encoding named in Connection', post('2\r\nhi\r\n0\r\n\r\n', chunked, 'Connection: Transfer-Encoding'), passed),
  agree('Transfer-Encoding in another case', coded('cHUNKED'), passed),
  agree('spaces around chunked', coded('  chunked  '), passed),
  agree('Content-Length past what is taken', post('', 'Content-Length: 9007199254740993'), '413 closed'),

  ...bothRefuse({
    'Content-Length, then chunked': post(`0\r\n\r\n${smuggled}`, 'Content-Length: 5', chunked),
    'chunked, then Content-Length': post(`0\r\n\r\n${smuggled}`, chunked, 'Content-Length: 5'),
    'chunked and Content-Length: 0': post('0\r\n\r\n', 'Content-Length: 0', chunked),
    'two Content-Lengths': post(`x${smuggled}`, 'Content-Length: 1', lengthOf(`x${smuggled}`)),
    'two equal Content-Lengths': post('x', 'Content-Length: 1', 'Content-Length: 1'),
    'a list of equal lengths': post('x', 'Content-Length: 1, 1'),
    'a list of lengths': post('x', 'Content-Length: 1, 2'),
    'a length with a plus': post('x', 'Content-Length: +1'),
    'a negative length': post('x', 'Content-Length: -1'),
    'a hexadecimal length': post('x', 'Content-Length: 0x1'),
    'a length with a fraction': post('x', 'Content-Length: 1.0'),
    'a length with an exponent': post('x', 'Content-Length: 1e0'),
    'a length with letters': post('x', 'Content-Length: 1a'),
    'a length with a space inside': post('x', 'Content-Length: 1 2'),
    'a length with a vertical tab': post('x', 'Content-Length: \x0b1'),
    'an empty length': post('', 'Content-Length:'),
    'a length past 64 bits that wraps to 1': post('x', 'Content-Length: 18446744073709551617'),
    'a space before the colon of Content-Length': post(smuggled, `Content-Length : ${smuggled.length}`),
    'a space before the colon of Transfer-Encoding': post(`0\r\n\r\n${smuggled}`, 'Transfer-Encoding : chunked'),
    'Transfer-Encoding on a folded line': post('0\r\n\r\n', 'X: y\r\n Transfer-Encoding: chunked'),
    'chunked on a folded line': post('0\r\n\r\n', 'Transfer-Encoding:\r\n chunked'),
    'Transfer-Encoding after a bare CR': post('0\r\n\r\n', 'X: y\rTransfer-Encoding: chunked'),
    'chunked with a NUL after it': coded('chunked\0'),
    'Transfer-Encoding twice': post('0\r\n\r\n', chunked, chunked),
    'chunked, then identity on its own line': post('0\r\n\r\n', chunked, 'Transfer-Encoding: identity'),
    'identity, then chunked on its own line': post('0\r\n\r\n', 'Transfer-Encoding: identity', chunked),
    'gzip, then chunked on its own line': post('0\r\n\r\n', 'Transfer-Encoding: gzip', chunked),
    'chunked in HTTP/1.0': head('POST /x HTTP/1.0', 'Host: a', 'Connection: keep-alive', chunked) + '2\r\nhi\r\n0\r\n\r\n',
    'chunked and a length in HTTP/1.0': head('POST /x HTTP/1.0', 'Host: a', 'Connection: keep-alive', chunked, 'Content-Length: 12') + '2\r\nhi\r\n0\r\n\r\n'
  }),
  ...bothRefuse({
    xchunked: coded('xchunked'),
    'chunked, identity': coded('chunked, identity'),
    'identity, chunked': coded('identity, chunked'),
    'gzip, chunked': coded('gzip, chunked'),
    'chunked, chunked': coded('chunked, chunked'),
    identity: coded('identity'),
    gzip: coded('gzip'),
    'chunked in quotes': coded('"chunked"'),
    'chunked with a parameter': coded('chunked;q=1'),
    'chunked with a comma after it': coded('chunked,'),
    'chunked with a comma before it': coded(',chunked'),
    'chunked with a space inside': coded('chun ked'),
    'a vertical tab before chunked': coded('\x0bchunked'),
    'an empty Transfer-Encoding': coded(''),
    'an empty Transfer-Encoding and a length': post(smuggled, 'Transfer-Encoding:', lengthOf(smuggled)),
    'a length and an empty Transfer-Encoding': post(smuggled, lengthOf(smuggled), 'Transfer-Encoding:')
  }, '501 closed'),

  harmless('a tab before chunked', coded('\tchunked'), {
    gateway: passed, nginx: '501 closed', why: 'A tab is as good as a space there (RFC 9110 §5.6.3), and the upstream gets a plain length.'
  }),
  differ('Transfer-Encoding after a bare LF', post('2\r\nhi\r\n0\r\n\r\n', 'X: y\nTransfer-Encoding: chunked'), {
    gateway: '400 closed', nginx: passed, why: 'The gateway takes no bare LF for a line’s end.'
  }),
  differ('an underscore twin of Content-Length', post('x', 'Content_Length: 5', 'Content-Length: 1'), {
    gateway: '400', nginx: '200 POST /x "x"', why: 'Nginx drops the twin silently; the gateway refuses it.'
  }),
  differ('an underscore twin of Transfer-Encoding', post('hi', 'Transfer_Encoding: chunked', 'Content-Length: 2'), {
    gateway: '400', nginx: passed, why: 'Nginx drops the twin silently; the gateway refuses it.'
  }),
  differ('GET with a body', get('/x', lengthOf(smuggled)) + smuggled, {
    gateway: '200 GET /x',
    nginx: `200 GET /x ${JSON.stringify(smuggled)}`,
    why: 'A GET’s body has no meaning (RFC 9110 §9.3.1) and some servers take it for the next request: the gateway reads it away.'
  }),
  differ('GET with a chunked body', get('/x', chunked) + '2\r\nhi\r\n0\r\n\r\n', {
    gateway: '200 GET /x', nginx: '200 GET /x "hi"', why: 'As with a length: the gateway reads it away.'
  }),
  differ('HEAD with a body', head('HEAD /x HTTP/1.1', 'Host: a', 'Content-Length: 2') + 'hi', {
    gateway: '200 HEAD /x', nginx: '200 HEAD /x "hi"', why: 'As with GET.'
  })
]
