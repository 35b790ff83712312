import { agree, bothRefuse, differ, get, harmless, head } from './case.ts'
import type { RawCase } from './case.ts'

const method = (name: string) => head(`${name} /x HTTP/1.1`, 'Host: a')
const version = (text: string) => head(`GET /x HTTP/${text}`, 'Host: a')
const from = (name: string, write: (text: string) => string, texts: string[]) => Object.fromEntries(texts.map((text) => [`${name} ${JSON.stringify(text)}`, write(text)]))
const inLine = (before: string, after: string) => get('/x', 'X: y').replace(before, after)
const bareLf = 'The gateway takes no bare LF for a line’s end (RFC 9112 §2.2 lets it): a stricter parser would see other lines.'

/** Request lines: methods, versions, separators, and the ends of lines (RFC 9112 §2.2, §3). */
export const requestLineCases: RawCase[] = [
  ...['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH'].map((name) => agree(name, method(name), `200 ${name} /x`)),
  ...['CONNECT', 'TRACE'].map((name) => agree(name, method(name), '405', '405 closed')),
  agree('TRACE with a body', head('TRACE /x HTTP/1.1', 'Host: a', 'Content-Length: 2') + 'hi', '405', '405 closed'),
  ...bothRefuse(from('the method', method, ['get', 'Get', 'post', 'GET\0', 'G@T', 'GET,', '"GET"', 'G\xc9T', '__proto__', 'constructor', ''])),
  ...['FOO', 'BREW', 'PRI', 'TRACK', 'DEBUG', 'G_T', 'G'].map((name) => differ(`the method ${name}`, method(name), {
    gateway: '400 closed', nginx: `200 ${name} /x`, why: 'The gateway takes seven methods; what it does not know, it does not parse.'
  })),
  ...['PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'SEARCH', 'LINK', 'M-SEARCH', 'SOURCE'].map((name) => differ(`the method ${name}`, method(name), {
    gateway: '405', nginx: `200 ${name} /x`, why: 'The gateway takes seven methods.'
  })),

  agree('HTTP/1.0', version('1.0'), '200 GET /x closed'),
  agree('HTTP/1.0 kept alive', head('GET /x HTTP/1.0', 'Host: a', 'Connection: keep-alive'), '200 GET /x'),
  differ('HTTP/1.0 without Host', head('GET /x HTTP/1.0'), {
    gateway: '400 closed',
    nginx: '502, not strict HTTP upstream closed',
    why: 'Upstream it becomes HTTP/1.1, which has a Host: Nginx sends none.'
  }),
  ...bothRefuse(from('the version', version, ['0.9', '0.0', '01.1', '1', '1.', '.1', '1.1.1', '1,1', '1.x', '-1.1'])),
  ...bothRefuse(from('the version', version, ['2.0', '3.0', '9.9', '11']), '505 closed'),
  ...['1.2', '1.01', '1.10', '1.1 '].map((text) => differ(`the version "${text}"`, version(text), {
    gateway: '400 closed', nginx: '200 GET /x', why: 'There is no such version; Nginx takes any 1.x.'
  })),
  ...['GET /x\r\n', 'GET /x\r\nHost: a\r\n\r\n'].map((bytes) => differ(`HTTP/0.9: ${JSON.stringify(bytes)}`, bytes, {
    gateway: '400 closed', nginx: 'not strict HTTP upstream, bytes without a status closed', why: 'Nginx still speaks HTTP/0.9: it answers with a bare body.'
  })),
  ...bothRefuse({
    'the HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'http/1.1 in lower case': 'GET /x http/1.1\r\nHost: a\r\n\r\n',
    'another protocol: HTTPS/1.1': head('GET /x HTTPS/1.1', 'Host: a'),
    'another protocol: ICE/1.0': head('GET /x ICE/1.0', 'Host: a'),
    'a tab after the method': inLine('GET /x', 'GET\t/x'),
    'a vertical tab after the method': inLine('GET /x', 'GET\x0b/x'),
    'a tab before the version': inLine(' HTTP', '\tHTTP'),
    'a form feed before the version': inLine(' HTTP', '\x0cHTTP'),
    'a tab after the version': inLine('HTTP/1.1', 'HTTP/1.1\t'),
    'a space before the method': ` ${get()}`,
    'a NUL before the method': `\0${get()}`,
    'a byte-order mark before the method': `\xef\xbb\xbf${get()}`,
    'bare CRs for line ends': get('/x', 'X: y').replaceAll('\r\n', '\r'),
    'a bare CR after the request line': inLine('HTTP/1.1\r\n', 'HTTP/1.1\r'),
    'LF CR after a header': inLine('Host: a\r\n', 'Host: a\n\r')
  }),
  harmless('another protocol: RTSP/1.0', head('GET /x RTSP/1.0', 'Host: a'), {
    gateway: '200 GET /x closed', nginx: '400 closed', why: 'Node.js’s parser takes RTSP for HTTP and tells nobody; upstream the request is plain HTTP/1.1, so it has one meaning.'
  }),
  agree('empty lines before the request', `\r\n\r\n${get()}`, '200 GET /x'),
  agree('a bare LF before the request', `\n${get()}`, '200 GET /x'),
  agree('a bare CR before the request', `\r${get()}`, '200 GET /x'),
  agree('two spaces after the method', inLine('GET ', 'GET  '), '200 GET /x'),
  agree('two spaces before the version', inLine(' HTTP', '  HTTP'), '200 GET /x'),
  ...Object.entries({
    'a bare LF after the request line': inLine('HTTP/1.1\r\n', 'HTTP/1.1\n'),
    'a bare LF after a header': inLine('Host: a\r\n', 'Host: a\n'),
    'a bare LF for the empty line': inLine('\r\n\r\n', '\r\n\n'),
    'bare LFs for line ends': get('/x', 'X: y').replaceAll('\r\n', '\n'),
    'CR CR LF after a header': inLine('Host: a\r\n', 'Host: a\r\r\n')
  }).map(([name, bytes]) => differ(name, bytes, { gateway: '400 closed', nginx: '200 GET /x', why: bareLf }))
]
