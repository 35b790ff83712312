import { agree, differ, get, head, isNext, post } from './case.ts'
import type { RawCase } from './case.ts'
import { plainAnswer } from './recording-upstream.ts'
import type { AnswerBytes, Reached } from './recording-upstream.ts'

const show = [
  'x-mine', 'proxy-authenticate', 'trailer', 'upgrade', 'x-powered-by', 'set-cookie', 'x-late', 'location', 'link', 'constructor', 'x'
]

/** Bytes that must never become the answer to somebody else's request. */
const forged = `${head('HTTP/1.1 200 OK', 'Content-Length: 6')}forged`

/** An answer with the upstream's serial, to every request but the one that follows. */
function answering (line: string, headers: string[], body: string, before = ''): AnswerBytes {
  return (request: Reached) => isNext(request)
    ? plainAnswer(request)
    : `${before}${head(`HTTP/1.1 ${line}`, `x-upstream: ${request.serial}`, ...headers)}${body}`
}

/** The same, without waiting for the request's body. */
const early = (answer: AnswerBytes) => Object.assign((request: Reached) => answer(request), { early: true })

const toGet = get()
const toLongPost = post('a'.repeat(1_000_000), 'Content-Length: 1000000')
const toHead = head('HEAD /x HTTP/1.1', 'Host: a')
const two = 'Content-Length: 2'

const same = (name: string, answer: AnswerBytes, outcome: string, bytes = toGet) => agree(name, bytes, outcome, undefined, { show, answer })
const other = (name: string, answer: AnswerBytes, gateway: string, nginx: string, why: string) =>
  differ(name, toGet, { gateway, nginx, why, show, answer })

const bad = '502, unanswered GET /x'
const ambiguous = 'Nginx guesses what the upstream meant; to the gateway it is no answer.'

/** What an upstream answers, right and wrong: never two answers to one request, never one to another's. */
export const answerCases: RawCase[] = [
  same('a 204 with a body', answering('204 No Content', [`Content-Length: ${forged.length}`], forged), '204 GET /x → ""'),
  same('a 204 in chunks', answering('204 No Content', ['Transfer-Encoding: chunked'], '0\r\n\r\n'), '204 GET /x → ""'),
  same('a 304', answering('304 Not Modified', [], ''), '304 GET /x → ""'),
  same('a 304 with the length of what it is about', answering('304 Not Modified', ['Content-Length: 500'], ''), '304 GET /x → ""'),
  same('a 304 with a body', answering('304 Not Modified', [`Content-Length: ${forged.length}`], forged), '304 GET /x → ""'),
  same('a HEAD’s answer with a body', answering('200 OK', [`Content-Length: ${forged.length}`], forged), '200 HEAD /x → ""', toHead),
  same('a HEAD’s answer in chunks', answering('200 OK', ['Transfer-Encoding: chunked'], ''), '200 HEAD /x → ""', toHead),
  same('more than its length', answering('200 OK', [two], `hi${forged}`), '200 GET /x → "hi"'),
  same('in chunks', answering('200 OK', ['Transfer-Encoding: chunked'], '2\r\nhi\r\n0\r\n\r\n'), '200 GET /x → "hi"'),
  same('without a reason', answering('200', [two], 'hi'), '200 GET /x → "hi"'),
  same('a 503 with Retry-After', answering('503 Busy', [two, 'Retry-After: 1'], 'hi'), '503 GET /x → "hi"'),
  same('a redirect', answering('301 Moved', [two, 'location: https://b.example/'], 'hi'), '301 GET /x → "hi" [location: https://b.example/]'),
  same('two cookies', answering('200 OK', [two, 'set-cookie: a=1', 'set-cookie: b=2'], 'hi'), '200 GET /x → "hi" [set-cookie: a=1; set-cookie: b=2]'),
  same('a header named constructor', answering('200 OK', [two, 'constructor: b'], 'hi'), '200 GET /x → "hi" [constructor: b]'),
  same('a refusal before the body is read', early(answering('413 Content Too Large', [two, 'Connection: close'], 'hi')), '413 POST /x → "hi"', toLongPost),
  same('a folded header', answering('200 OK', [two, 'X: a\r\n b'], 'hi'), bad),
  same('a space before a colon', answering('200 OK', [two, 'X : a'], 'hi'), bad),
  same('a NUL in a header', answering('200 OK', [two, 'X: a\0b'], 'hi'), bad),
  same('a bare CR in a header', answering('200 OK', [two, 'X: a\rSet-Cookie: b'], 'hi'), bad),
  same('headers of 20,000 bytes', answering('200 OK', [two, `X: ${'a'.repeat(20000)}`], 'hi'), bad),

  other('a bare LF in a header', answering('200 OK', [two, 'X: a\nset-cookie: b'], 'hi'), bad, '200 GET /x → "hi" [set-cookie: b; x: a]', ambiguous),
  other('a control character in a header', answering('200 OK', [two, 'X: a\x01b'], 'hi'), bad, '200 GET /x → "hi" [x: a\x01b]', ambiguous),
  other('a length and chunks', answering('200 OK', [two, 'Transfer-Encoding: chunked'], '2\r\nhi\r\n0\r\n\r\n'), bad, '200 GET /x → "hi"', ambiguous),
  other('two lengths', answering('200 OK', [two, 'Content-Length: 4'], 'hiho'), bad, '200 GET /x → "hiho"', ambiguous),
  other('two equal lengths', answering('200 OK', [two, two], 'hi'), bad, '200 GET /x → "hi"', ambiguous),
  other('a length with a plus', answering('200 OK', ['Content-Length: +2'], 'hi'), bad, '200 GET /x → "" closed', ambiguous),
  other('chunks with bare LFs', answering('200 OK', ['Transfer-Encoding: chunked'], '2\nhi\n0\n\n'), bad, '200 GET /x → "hi"', ambiguous),
  other('the status 999', answering('999 What', [two], 'hi'), bad, '999 GET /x → "hi"', 'There is no such status (RFC 9110 §15).'),
  other('a 101 that nobody asked for', answering('101 Switching Protocols', ['Connection: Upgrade', 'upgrade: websocket'], forged), bad,
    '101 GET /x → "" [upgrade: websocket] closed', 'Nginx passes it on, and the client takes the connection for a tunnel.'),
  other('a 100 that nobody waits for', answering('200 OK', [two], 'hi', head('HTTP/1.1 100 Continue')), bad,
    '100, unanswered GET /x closed', 'Nginx takes the 100 for the answer and passes no other on; the gateway says that there is none.'),
  other('a 103 before the answer', answering('200 OK', [two], 'hi', head('HTTP/1.1 103 Early Hints', 'link: </a>')), '200 GET /x → "hi"',
    '103, unanswered GET /x closed', 'Nginx takes the 103 for the answer; the gateway waits for the real one.'),
  other('no HTTP', (request) => isNext(request) ? plainAnswer(request) : 'nonsense\r\n\r\n', bad, 'unanswered GET /x closed', 'Nginx takes it for an HTTP/0.9 body and waits for its end.'),
  other('headers of the upstream’s connection, and what tells of it', answering('200 OK', [
    two, 'Connection: X-Mine, keep-alive', 'Keep-Alive: timeout=99', 'x-mine: 1', 'proxy-authenticate: Basic', 'trailer: a', 'upgrade: h2c', 'Server: Secret', 'x-powered-by: Secret'
  ], 'hi'), '200 GET /x → "hi"', '200 GET /x → "hi" [x-mine: 1; proxy-authenticate: Basic; trailer: a; upgrade: h2c; x-powered-by: Secret]',
  'Hop-by-hop headers are the connection’s (RFC 9110 §7.6.1), and what runs behind is nobody’s business.'),
  other('a trailer', answering('200 OK', ['Transfer-Encoding: chunked', 'trailer: X-Late'], '2\r\nhi\r\n0\r\nx-late: 1\r\n\r\n'), '200 GET /x → "hi"',
    '200 GET /x → "hi" [trailer: X-Late]', 'Neither passes it on; Nginx announces it.')
]
