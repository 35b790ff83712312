import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerReader } from '../../src/upstream/answer-reader.ts'

/** What is read of bytes that come at once, and then the connection ends. */
function read (text: string) {
  const reader = new AnswerReader()
  const isWhole = reader.read(Buffer.from(text, 'latin1'))
  return { isWhole, isWholeAtEnd: isWhole || reader.finish(), status: reader.status, body: reader.body, restsFor: reader.restsFor }
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`

for (const [what, text] of [
  ['garbage', 'hello'], ['garbage that ends like a head', 'HELLO\r\n\r\n'], ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status that is none', 'HTTP/1.1 20 OK\r\n\r\n'], ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'], ['a bare line feed among others', `${ok}a: b\nc: d`],
  ['a bare carriage return', `${ok}a: b\rc: d\r\n\r\n`], ['a folded header', `${ok}a: b\r\n c\r\n\r\n`], ['a blank before the colon', `${ok}a : b\r\n\r\n`], ['a header without a name', `${ok}: b\r\n\r\n`],
  ['a NUL in a header', `${ok}a: \0\r\n\r\n`], ['too long a head', `${ok}a: ${'b'.repeat(17000)}`], ['too long a head with an end', `${ok}a: ${'b'.repeat(17000)}\r\n\r\n`],
  ['too many headers', `${ok}${'a: b\r\n'.repeat(101)}\r\n`], ['length and transfer coding', `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`],
  ['two lengths', `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`], ['one length twice', `${ok}content-length: 1\r\nContent-Length: 1\r\n\r\na`], ['a list of lengths', `${ok}content-length: 1, 1\r\n\r\na`],
  ['a signed length', `${ok}content-length: +1\r\n\r\na`], ['a hexadecimal length', `${ok}content-length: 0x1\r\n\r\na`], ['no length where one is named', `${ok}content-length:\r\n\r\n`], ['too great a length', `${ok}content-length: ${2 ** 26 + 1}\r\n\r\n`],
  ['a coding that is not known', `${ok}transfer-encoding: gzip\r\n\r\n`], ['two codings', `${ok}transfer-encoding: gzip, chunked\r\n\r\n`], ['chunks twice', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`], ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['another protocol', 'HTTP/1.1 101 Switching\r\n\r\n'], ['word after word of what is to come', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(11)],
  ['a size that is none', `${chunked}x\r\n`], ['no size', `${chunked}\r\n`], ['a signed size', `${chunked}-1\r\n`], ['a size beyond all', `${chunked}100000000\r\n`], ['a blank at a size', `${chunked}1 \r\n`],
  ['a size that ends in a bare line feed', `${chunked}1\na\r\n0\r\n\r\n`], ['a chunk longer than its size', `${chunked}1\r\nab\r\n`], ['an extension that is none', `${chunked}1;=\r\n`], ['too long an extension', `${chunked}1;a=${'b'.repeat(17000)}`],
  ['too many extensions', `${chunked}${`1;a=${'b'.repeat(1000)}\r\na\r\n`.repeat(17)}`], ['a trailer that is none', `${chunked}0\r\na b: c\r\n\r\n`], ['too many trailers', `${chunked}0\r\n${'a: b\r\n'.repeat(3000)}\r\n`]
] as const) {
  test(`refused at once: ${what}`, () => { assert.throws(() => read(text), /^Error: an upstream answered/) })
}

for (const [what, text] of [
  ['a head', ok], ['a body with a length', `${ok}content-length: 3\r\n\r\nab`], ['a chunk', `${chunked}3\r\nab`], ['the last chunk', `${chunked}1\r\na\r\n`], ['a trailer', `${chunked}0\r\na: b\r\n`], ['word of what is to come', 'HTTP/1.1 103 Hints\r\n\r\n'], ['nothing', '']
] as const) {
  test(`not whole when it ends in the middle: ${what}`, () => {
    const { isWhole, isWholeAtEnd } = read(text)
    assert.deepEqual([isWhole, isWholeAtEnd], [false, false])
  })
}

test('a body without length or coding ends with the connection', () => {
  const { isWhole, isWholeAtEnd, body } = read(`${ok}\r\nabc`)
  assert.deepEqual([isWhole, isWholeAtEnd, body], [false, true, 'abc'])
  assert.deepEqual(read(`${ok}\r\n`).isWholeAtEnd, true)
})

test('what comes before and around the answer is passed over', () => {
  const { isWhole, status, body } = read(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nlink: a\r\n\r\n${chunked}2;a=b;c="d\\"e"\r\nab\r\n00001\r\nc\r\n0;f\r\ng: h\r\n\r\n`)
  assert.deepEqual([isWhole, status, body], [true, 200, 'abc'])
})

for (const [what, head, restsFor] of [
  ['nothing is said', ok, 4000], ['five seconds are', `${ok}Keep-Alive: timeout=5, max=10\r\n`, 3000], ['two seconds are', `${ok}keep-alive: timeout=2\r\n`, 0], ['days are', `${ok}keep-alive: timeout=999999\r\n`, 600_000],
  ['it is closed', `${ok}Connection: Close\r\nkeep-alive: timeout=5\r\n`, 0], ['it is closed, in a list', `${ok}connection: x, close\r\n`, 0], ['it is closed, in another header', `${ok}connection: keep-alive\r\nconnection: close\r\n`, 0],
  ['it is HTTP/1.0', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n', 0]
] as const) {
  test(`how long a connection rests when ${what}`, () => {
    assert.equal(read(`${head}content-length: 1\r\n\r\na`).restsFor, restsFor)
    assert.equal(read(`${head}content-length: 1\r\n\r\naHTTP`).restsFor, 0, 'with bytes that nobody asked for')
  })
}

test('a long body in many pieces is whole, and past the longest it is refused', () => {
  const piece = Buffer.alloc(1024 * 1024, 'a')
  const reader = new AnswerReader()
  reader.read(Buffer.from(`${ok}content-length: ${2 ** 26}\r\n\r\n`))
  for (let i = 1; i < 64; i++) assert.equal(reader.read(piece), false)
  assert.equal(reader.read(piece), true)
  assert.equal(reader.body.length, 2 ** 26)
  const endless = new AnswerReader()
  endless.read(Buffer.from(`${ok}\r\n`))
  for (let i = 0; i < 64; i++) endless.read(piece)
  assert.throws(() => endless.read(piece), /length/)
})
