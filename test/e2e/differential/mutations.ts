import fc from 'fast-check'
import { head } from './case.ts'
import { NotStrict, readHead, readRequest } from './strict-request.ts'
import type { StrictRequest } from './strict-request.ts'

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const header = fc.oneof(
  fc.tuple(fc.constantFrom('X-One', 'X-Two', 'Accept', 'Cookie'), word).map(([name, value]) => `${name}: ${value}`),
  fc.constantFrom('Connection: keep-alive', 'Connection: X-One', 'TE: trailers', 'X-Forwarded-For: 6.6.6.6', 'Expect: 100-continue')
)

/** A request that nobody has to refuse. */
const validRequest = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'DELETE'),
  path: word,
  headers: fc.array(header, { maxLength: 3 }),
  body: fc.option(fc.record({ text: fc.stringMatching(/^[a-z\r\n:]{0,30}$/), inChunks: fc.boolean() }))
}).map(({ method, path, headers, body }) => {
  const start = [`${method} /${path} HTTP/1.1`, 'Host: a', ...headers]
  if (body === null) return head(...start)
  if (!body.inChunks) return head(...start, `Content-Length: ${body.text.length}`) + body.text
  const chunk = body.text === '' ? '' : `${body.text.length.toString(16)}\r\n${body.text}\r\n`
  return `${head(...start, 'Transfer-Encoding: chunked')}${chunk}0\r\n\r\n`
})

const oddBytes = fc.constantFrom('\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', ',', ';', '_', '-', '+', '0', '1', '9', 'a', 'f', '\x0b', '\x7f', '\x80', '\xff', '/', '%', '.', '#', '\\', 'chunked', 'HTTP/1.1')
const oddLine = fc.constantFrom(
  'Transfer-Encoding: chunked', 'Transfer-Encoding:', 'Transfer-Encoding: identity', 'Transfer-Encoding : chunked', ' Transfer-Encoding: chunked',
  'Content-Length: 5', 'Content-Length: 0', 'Content_Length: 5', 'Host: b', 'Connection: close', 'Upgrade: h2c', 'X-One', ': x', 'GET /inner HTTP/1.1'
)
const lineEnd = fc.constantFrom('\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\r\n\r\n', '')

/** Where: a fraction of the length, or of the number of lines. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

type Change = (text: string) => string

/** Puts `bytes` in place of `count` of the text's. */
const splice = (where: number, count: number, bytes: string): Change => (text) => {
  const at = Math.floor(where * (text.length + 1))
  return text.slice(0, at) + bytes + text.slice(at + count)
}

const changeLines = (where: number, change: (lines: string[], at: number) => string[]): Change => (text) => {
  const lines = text.split('\r\n')
  return change(lines, Math.floor(where * lines.length)).join('\r\n')
}

const mutation: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, oddBytes).map(([where, bytes]) => splice(where, 0, bytes)),
  fc.tuple(place, oddBytes).map(([where, bytes]) => splice(where, 1, bytes)),
  fc.tuple(place, fc.integer({ min: 1, max: 4 })).map(([where, count]) => splice(where, count, '')),
  place.map((where) => changeLines(where, (lines, at) => lines.toSpliced(at, 0, lines[at]!))),
  fc.tuple(place, oddLine).map(([where, line]) => changeLines(where, (lines, at) => lines.toSpliced(at, 0, line))),
  fc.tuple(place, lineEnd).map(([where, end]) =>
    changeLines(where, (lines, at) => lines.toSpliced(at, 2, lines.slice(at, at + 2).join(end))))
)

/** One to three valid requests on a connection, with up to three changes. */
export const mutatedRequests = fc.tuple(fc.array(validRequest, { minLength: 1, maxLength: 3 }), fc.array(mutation, { maxLength: 3 }))
  .map(([requests, changes]) => changes.reduce((text, change) => change(text), requests.join('')))

/**
 * What a client's bytes say, read strictly, up to where they stop being HTTP. Forgiven is only what can't move a boundary:
 * line ends before a request, spaces in a row in its first line.
 */
export function strictReading (text: string): StrictRequest[] {
  const requests: StrictRequest[] = []
  for (let rest = text; ;) {
    const lineEnd = rest.search(/(?<=[^\r\n])\r\n/)
    rest = (lineEnd === -1 ? rest : rest.slice(0, lineEnd).replaceAll(/ +/g, ' ') + rest.slice(lineEnd)).replace(/^[\r\n]+/, '')
    try {
      const request = readRequest(rest)
      if (request === undefined) return requests
      requests.push(request)
      rest = rest.slice(request.bytes.length)
    } catch (error) {
      if (error instanceof NotStrict) return [...requests, ...headWithoutBody(rest)]
      throw error
    }
  }
}

/**
 * A GET's body means nothing (RFC 9110 §9.3.1) and is not waited for: the request may have been passed on, without it, before its
 * body turned out to be none. Nothing behind it is.
 */
function headWithoutBody (text: string): StrictRequest[] {
  try {
    const head = readHead(text)
    if (head === undefined || (head.method !== 'GET' && head.method !== 'HEAD')) return []
    return [{ ...head, framing: 'none', body: '', bytes: text.slice(0, head.length) }]
  } catch (error) {
    if (error instanceof NotStrict) return []
    throw error
  }
}
