import { agree, bothRefuse, chunked, differ, post } from './case.ts'
import type { RawCase } from './case.ts'

const chunks = (body: string) => post(body, chunked)
const passed = '200 POST /x "hi"'
const bareLf = 'The gateway takes no bare LF for a line’s end: ahead of a parser that does not, the rest would be another request.'
const dropped = 'Nginx skips trailers without looking; the gateway parses what it drops.'

const refusedHere = (why: string, cases: Record<string, string>, nginx = passed) =>
  Object.entries(cases).map(([name, body]) => differ(name, chunks(body), { gateway: '400 closed', nginx, why }))

/** Bodies in chunks (RFC 9112 §7.1). Both send them on with a plain length. */
export const chunkCases: RawCase[] = [
  agree('several chunks', chunks('2\r\nhi\r\n3\r\n ho\r\n0\r\n\r\n'), '200 POST /x "hi ho"'),
  agree('a size with letters', chunks('A\r\n0123456789\r\n0\r\n\r\n'), '200 POST /x "0123456789"'),
  agree('a size with zeros before it', chunks('00002\r\nhi\r\n000\r\n\r\n'), passed),
  agree('a chunk extension', chunks('2;a=b\r\nhi\r\n0;c\r\n\r\n'), passed),
  agree('a quoted chunk extension', chunks('2;a="b;c"\r\nhi\r\n0\r\n\r\n'), passed),
  agree('trailers are dropped', post('2\r\nhi\r\n0\r\nX-Late: 1\r\nX-Forwarded-For: 6.6.6.6\r\nHost: b\r\n\r\n', chunked, 'X-Early: 1'),
    '200 POST /x "hi" [x-early: 1; x-forwarded-for: 127.0.0.1]', undefined, { show: ['x-early', 'x-late', 'x-forwarded-for'] }),

  ...bothRefuse({
    'a size past all numbers': chunks('fffffffffffffffff\r\nhi\r\n0\r\n\r\n'),
    'a size that wraps to 2': chunks('10000000000000002\r\nhi\r\n0\r\n\r\n'),
    'a size with a plus': chunks('+2\r\nhi\r\n0\r\n\r\n'),
    'a negative size': chunks('-2\r\nhi\r\n0\r\n\r\n'),
    'a size with 0x': chunks('0x2\r\nhi\r\n0\r\n\r\n'),
    'a size with an underscore': chunks('2_\r\nhi\r\n0\r\n\r\n'),
    'a space before the size': chunks(' 2\r\nhi\r\n0\r\n\r\n'),
    'no size': chunks('\r\nhi\r\n0\r\n\r\n'),
    'bare CRs between chunks': chunks('2\rhi\r0\r\r'),
    'a bare CR in a chunk extension': chunks('2;a\rb\r\nhi\r\n0\r\n\r\n'),
    'a chunk longer than its size': chunks('2\r\nhiho\r\n0\r\n\r\n')
  }),
  ...refusedHere(bareLf, {
    'a bare LF after a size': '2\nhi\r\n0\r\n\r\n',
    'a bare LF after a chunk': '2\r\nhi\n0\r\n\r\n',
    'a bare LF in a chunk extension': '2;a\nhi\r\n0\r\n\r\n',
    'bare LFs at the end': '2\r\nhi\r\n0\n\n'
  }),
  ...refusedHere(bareLf, { 'a chunk shorter than its size': '3\r\nhi\r\n0\r\n\r\n' }, '200 POST /x "hi\\r"'),
  ...refusedHere('Between size and CRLF only an extension may stand (RFC 9112 §7.1).', {
    'a space after a size': '2 \r\nhi\r\n0\r\n\r\n',
    'a tab after a size': '2\t\r\nhi\r\n0\r\n\r\n',
    'a space before a chunk extension': '2 ;a=b\r\nhi\r\n0\r\n\r\n',
    'a NUL in a chunk extension': '2;a\0b\r\nhi\r\n0\r\n\r\n'
  }),
  ...refusedHere('Extensions are of no use to anybody here: the gateway bounds them.', {
    'a long chunk extension': `2;${'a'.repeat(20000)}\r\nhi\r\n0\r\n\r\n`
  }),
  ...refusedHere(dropped, {
    'a Content-Length as trailer': '2\r\nhi\r\n0\r\nContent-Length: 3\r\n\r\n',
    'a Transfer-Encoding as trailer': '2\r\nhi\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
    'a trailer without a colon': '2\r\nhi\r\n0\r\nno colon\r\n\r\n',
    'a trailer with a space before its colon': '2\r\nhi\r\n0\r\nX : y\r\n\r\n',
    'a trailer ended by a bare LF': '2\r\nhi\r\n0\r\nX: y\n\r\n'
  }),
  ...refusedHere(dropped, { 'no empty line at the end': '2\r\nhi\r\n0\r\n' }, `${passed} closed`),
  differ('a long trailer', chunks(`2\r\nhi\r\n0\r\nX: ${'a'.repeat(20000)}\r\n\r\n`), { gateway: '431 closed', nginx: passed, why: dropped })
]
