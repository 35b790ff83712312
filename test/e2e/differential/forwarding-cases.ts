import { agree, differ, get, post } from './case.ts'
import type { RawCase } from './case.ts'

const passed = '200 GET /x'

/** A header that is the client's own to send: it gets through. */
const kept = (line: string) => agree(`${line} is passed on`, get('/x', line), `${passed} [${line}]`, undefined, { show: [nameIn(line)] })

/** Both replace, or drop, what a client says. */
const replaced = (line: string, by = '') => {
  const shown = by === '' ? '' : ` [${nameIn(line)}: ${by}]`
  return agree(`${line} from outside is not believed`, get('/x', line), `${passed}${shown}`, undefined, { show: [nameIn(line)] })
}

const forged = (line: string, by: string, nginx: string, why: string) => differ(`${line} from outside is not believed`, get('/x', line), {
  gateway: by === '' ? passed : `${passed} [${nameIn(line)}: ${by}]`, nginx: `${passed} [${nginx}]`, show: [nameIn(line)], why
})

const nameIn = (line: string) => line.split(':', 1)[0]!

/** Nginx passes a header of the connection on. */
const ofConnection = (name: string, ...lines: string[]) => differ(`${name} stays on its connection`, get('/x', ...lines), {
  gateway: passed,
  nginx: `${passed} [${lines.at(-1)}]`,
  show: [nameIn(lines.at(-1)!)],
  why: 'Hop-by-hop (RFC 9110 §7.6.1): Nginx drops those it knows by name, and none that Connection names.'
})

const asItStands = 'Nginx drops what it was configured to set, and passes every other claim on.'
const underscores = 'Nginx drops names with underscores silently; the gateway refuses those that imitate a header of meaning.'

/** What reaches the upstream of the headers a client sent, and of those it forged. */
export const forwardingCases: RawCase[] = [
  kept('cookie: a=b'), kept('accept-encoding: gzip'), kept('authorization: Basic eA=='), kept('user-agent: u'), kept('range: bytes=0-1'),
  kept('if-none-match: "a"'), kept('origin: https://b.example'), kept('via: 1.1 b'),
  replaced('x-real-ip: 6.6.6.6', '127.0.0.1'), replaced('x-forwarded-proto: http', 'https'), replaced('x-forwarded-host: evil', 'a'),
  forged('x-forwarded-for: 6.6.6.6', '127.0.0.1', 'x-forwarded-for: 6.6.6.6, 127.0.0.1', 'The gateway believes only TRUST_PROXY; Nginx appends to what anybody says.'),
  forged('forwarded: for=6.6.6.6', 'for=127.0.0.1;host="a";proto=https', 'forwarded: for=6.6.6.6', asItStands),
  ...['x-forwarded-prefix: /e', 'x-forwarded-server: e', 'x-original-url: /e', 'x-rewrite-url: /e', 'x-client-cert-subject: CN=admin'].map((line) => forged(line, '', line, asItStands)),
  ...['X_Forwarded_For', 'X-Forwarded_For', 'X_Real_IP', 'X_Client_Cert_Subject', 'X_Request_Id', 'Content_Type', 'Authorization_'].map((name) =>
    differ(`${name} is a twin`, get('/x', `${name}: 6.6.6.6`), { gateway: '400', nginx: passed, why: underscores })),

  ...['keep-alive: timeout=5', 'te: trailers', 'te: gzip'].map((line) => agree(`${line} stays on its connection`, get('/x', line), passed, undefined, { show: ['te'] })),
  ofConnection('Trailer', 'trailer: X-Late'), ofConnection('Proxy-Authorization', 'proxy-authorization: Basic eA=='),
  ofConnection('Proxy-Connection', 'proxy-connection: keep-alive'), ofConnection('HTTP2-Settings', 'http2-settings: AAMA'),
  ofConnection('what Connection names', 'Connection: X-Mine', 'x-mine: 1'),
  ofConnection('what one of two Connections names', 'Connection: keep-alive', 'Connection: X-Mine', 'x-mine: 1'),
  ofConnection('what Connection names between empty entries', 'Connection: ,,X-Mine ,', 'x-mine: 1'),
  agree('Connection can’t name away what the edge adds', get('/x', 'Connection: X-Forwarded-For, X-Real-IP, Host, X-Request-Id'),
    `${passed} [x-forwarded-for: 127.0.0.1; x-real-ip: 127.0.0.1]`, undefined, { show: ['x-forwarded-for', 'x-real-ip'] }),
  agree('Connection names __proto__', get('/x', 'Connection: __proto__'), passed),
  agree('Connection: Upgrade with nothing to upgrade to', get('/x', 'Connection: Upgrade'), passed),
  ...Object.entries({
    'an upgrade to WebSocket': ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
    'an upgrade to h2c': ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    'Upgrade without Connection': ['Upgrade: websocket']
  }).map(([name, lines]) => differ(name, get('/x', ...lines), { gateway: '400', nginx: passed, why: 'Nginx ignores the upgrade and passes the request on; the gateway says that there is none.' })),

  differ('a Content-Type without a body', get('/x', 'Content-Type: a/b'), { gateway: passed, nginx: `${passed} [content-type: a/b]`, show: ['content-type'], why: 'It is the type of nothing.' }),
  differ('Cookie twice', get('/x', 'Cookie: a=1', 'Cookie: b=2'), {
    gateway: `${passed} [cookie: a=1; b=2]`, nginx: `${passed} [cookie: a=1; cookie: b=2]`, show: ['cookie'], why: 'Two ways to write one list (RFC 9113 §8.2.3).'
  }),
  differ('Content-Type twice', post('hi', 'Content-Length: 2', 'Content-Type: a/b', 'Content-Type: c/d'), {
    gateway: '200 POST /x "hi" [content-type: a/b]',
    nginx: '200 POST /x "hi" [content-type: a/b; content-type: c/d]',
    show: ['content-type'],
    why: 'With two, the upstream might go by the one and a firewall before it by the other; the gateway passes one on.'
  }),
  ...[';', '__proto__'].map((type) => differ(`the Content-Type ${type}`, post('hi', 'Content-Length: 2', `Content-Type: ${type}`), {
    gateway: '415', nginx: `200 POST /x "hi" [content-type: ${type}]`, show: ['content-type'], why: 'It is none (RFC 9110 §8.3.1).'
  })),
  agree('a body without a Content-Type', post('hi', 'Content-Length: 2'), '200 POST /x "hi"', undefined, { show: ['content-type'] })
]
