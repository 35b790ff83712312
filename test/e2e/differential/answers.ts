import { values } from './strict-request.ts'

/** One answer, as a client reads it off the connection. */
export interface Answer {
  status: number
  headers: [name: string, value: string][]
  body: string
}

/**
 * The answers in all that came on a connection, and the bytes after them that are none. Which request an answer is to, the
 * reader need not know: of a HEAD's, the body is missing, and what follows is the end or another answer's `HTTP/`.
 */
export function readAnswers (text: string): { answers: Answer[], stray: string } {
  const answers: Answer[] = []
  let rest = text
  for (;;) {
    const head = /^HTTP\/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest)
    if (head === null) return { answers, stray: rest }
    const status = Number(head[1])
    const headers = head[2]!.split('\r\n').slice(0, -1).map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
    rest = rest.slice(head[0].length)
    const { body, length } = readBody(rest, status, headers)
    answers.push({ status, headers, body })
    rest = rest.slice(length)
  }
}

function readBody (text: string, status: number, headers: [string, string][]): { body: string, length: number } {
  if (status < 200 || status === 204 || status === 304 || text.startsWith('HTTP/1.')) return { body: '', length: 0 }
  if (values(headers, 'transfer-encoding').length > 0) return readChunks(text)
  const length = Number(values(headers, 'content-length')[0] ?? text.length)
  return { body: text.slice(0, length), length }
}

function readChunks (text: string): { body: string, length: number } {
  let body = ''
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at)
    const size = end === -1 ? NaN : parseInt(text.slice(at, end), 16)
    // Cut short: all that came belongs to it.
    if (Number.isNaN(size)) return { body, length: text.length }
    if (size === 0) return { body, length: end + 4 }
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}
