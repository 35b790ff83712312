/** A request as RFC 9112 reads it when nothing is forgiven. Text is latin1: one character a byte. */
export interface StrictRequest {
  method: string
  target: string
  headers: [name: string, value: string][]
  body: string
  /** How the end of the body was told. */
  framing: 'none' | 'content-length' | 'chunked'
  /** The bytes it was read from. */
  bytes: string
}

/** Bytes that are no request, or that two parsers could read as two different ones. */
export class NotStrict extends Error {}

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const chunkLine = /^([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/

/**
 * The request that `text` starts with.
 * @returns `undefined` while it is not all there
 * @throws {NotStrict} as soon as it can't become one
 */
export function readRequest (text: string): StrictRequest | undefined {
  const head = readHead(text)
  if (head === undefined) return undefined
  const body = readBody(text, head)
  if (body === undefined) return undefined
  const { method, target, headers } = head
  return { method, target, headers, framing: body.framing, body: body.body, bytes: text.slice(0, body.length) }
}

interface Head extends Pick<StrictRequest, 'method' | 'target' | 'headers'> {
  version: string
  /** Where the body starts. */
  length: number
}

/** A request's line and headers, once they are all there. */
export function readHead (text: string): Head | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [first, ...lines] = text.slice(0, end).split('\r\n')
  const [, method, target, version] = match(requestLine, first!, 'request line')
  const headers = lines.map((line): [string, string] => {
    const [, name, value] = match(headerLine, line, 'header')
    return [name!, value!.trimEnd()]
  })
  return { method: method!, target: target!, headers, version: version!, length: end + 4 }
}

/** @throws {NotStrict} when a request does not say, once, whom it is for; where it ends is clear all the same. */
export function requireHost ({ headers }: Pick<StrictRequest, 'headers'>): void {
  const hosts = values(headers, 'host').length
  if (hosts !== 1) throw new NotStrict(`${hosts} Host headers`)
}

/** The values of the headers of a name, which is given in lower case. */
export function values (headers: [name: string, value: string][], name: string): string[] {
  return headers.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value)
}

interface Body { framing: StrictRequest['framing'], body: string, /** Up to its end. */ length: number }

function readBody (text: string, { headers, version, length: start }: Head): Body | undefined {
  const lengths = values(headers, 'content-length')
  const codings = values(headers, 'transfer-encoding')
  if (lengths.length + codings.length > 1) throw new NotStrict(`body length told ${lengths.length + codings.length} times`)
  if (codings.length === 1) {
    if (version !== '1.1' || codings[0]!.toLowerCase() !== 'chunked') throw new NotStrict(`transfer coding ${codings[0]} in HTTP/${version}`)
    return readChunks(text, start)
  }
  if (lengths.length === 0) return { framing: 'none', body: '', length: start }
  const length = start + Number(match(/^\d{1,15}$/, lengths[0]!, 'Content-Length')[0])
  return text.length < length ? undefined : { framing: 'content-length', body: text.slice(start, length), length }
}

function readChunks (text: string, start: number): Body | undefined {
  let body = ''
  for (let at = start; ;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return undefined
    const size = parseInt(match(chunkLine, text.slice(at, end), 'chunk size')[1]!, 16)
    at = end + 2
    if (size === 0) return readTrailers(text, at, body)
    body += text.slice(at, at + size)
    at += size + 2
    if (text.length < at) return undefined
    if (text.slice(at - 2, at) !== '\r\n') throw new NotStrict('chunk of another length than it says')
  }
}

function readTrailers (text: string, start: number, body: string): Body | undefined {
  for (let at = start; ;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return undefined
    if (end === at) return { framing: 'chunked', body, length: end + 2 }
    match(headerLine, text.slice(at, end), 'trailer')
    at = end + 2
  }
}

function match (pattern: RegExp, text: string, what: string): RegExpMatchArray {
  const found = pattern.exec(text)
  if (found === null) throw new NotStrict(`${what}: ${JSON.stringify(text)}`)
  return found
}
