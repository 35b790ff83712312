import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/**
 * A process of clients that hold connections open by doing next to nothing, as many of each kind as asked for, from fifty
 * loopback addresses. One that is ended comes back. They never close a connection themselves, whatever they are told.
 *
 *     node --import tsx slow-clients.ts <port> <of each kind>
 *
 * Writes a line of JSON whenever the count of those that are held has changed: `{"held":500,"ended":0}`.
 */
const [port, ofEachKind] = process.argv.slice(2).map(Number) as [number, number]
const addresses = 50
const dripInterval = 500

/** Holds one connection: calls `held` when it has a hold on the gateway, `ended` when it has lost it. */
type Kind = (raw: Socket, held: () => void, ended: () => void) => void

/** A hold is lost when the gateway has ended its side, or reset the connection. */
function onEnd (socket: Socket, ended: () => void): void {
  socket.on('error', () => {}).once('end', ended).once('close', ended)
}

function dripping (start: string, drop: string): Kind {
  return (raw, held, ended) => {
    const socket = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    onEnd(socket, ended)
    socket.resume()
    socket.once('secureConnect', () => {
      socket.write(start, held)
      const timer = setInterval(() => socket.write(drop), dripInterval)
      socket.once('close', () => clearInterval(timer)).once('end', () => clearInterval(timer))
    })
  }
}

const kinds: Kind[] = [
  // Slow headers.
  dripping('GET / HTTP/1.1\r\nHost: localhost\r\n', 'X: y\r\n'),
  // Slow body.
  dripping('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n', 'x'),
  // Slow read: a few bytes of an answer that is larger than all buffers.
  (raw, held, ended) => {
    const socket = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    onEnd(socket, ended)
    socket.once('secureConnect', () => socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    socket.once('readable', held)
    const timer = setInterval(() => socket.read(1), dripInterval)
    raw.once('close', () => clearInterval(timer))
  },
  // Half a handshake.
  (raw, held, ended) => {
    onEnd(raw, ended)
    raw.resume()
    raw.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1', held)
    const timer = setInterval(() => raw.write('x'), dripInterval)
    raw.once('close', () => clearInterval(timer))
  },
  // An HTTP/2 stream whose body drips.
  (raw, held, ended) => {
    const socket = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    onEnd(socket, ended)
    const session = connectHttp2('https://localhost', { createConnection: () => socket })
    session.on('error', () => {}).once('goaway', ended)
    const stream = session.request({ ':method': 'POST', ':path': '/' })
    stream.on('error', () => {}).once('close', ended).resume()
    stream.write('x', held)
    const timer = setInterval(() => { if (stream.writable) stream.write('x') }, dripInterval)
    raw.once('close', () => clearInterval(timer))
  }
]

const holding = new Set<number>()
let endedSoFar = 0
let told = ''

function tell (): void {
  const line = JSON.stringify({ held: holding.size, ended: endedSoFar })
  if (line !== told) process.stdout.write(`${line}\n`)
  told = line
}

/** Keeps one client at it. */
function start (id: number): void {
  const localAddress = `127.0.1.${1 + id % addresses}`
  const raw = connectTcp({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
  let over = false
  const ended = () => {
    if (over) return
    over = true
    if (holding.delete(id)) endedSoFar++
    setTimeout(start, 100, id)
  }
  raw.on('error', () => {}).once('close', ended)
  raw.once('connect', () => kinds[id % kinds.length]!(raw, () => { if (!over) holding.add(id) }, ended))
}

setInterval(tell, 50)
for (let id = 0; id < ofEachKind * kinds.length; id++) start(id)
