import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { connectTo } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

/** A client that keeps a connection for as long as it is let. */
export interface Holder {
  socket: Socket
  /** What came back so far. */
  received: () => string
  /** Resolves with all that came back, once the gateway has ended the connection or its own side of it. */
  ended: Promise<string>
  /** Resolves with what came back, as soon as that matches. */
  heard: (pattern: RegExp) => Promise<string>
}

/**
 * Sends `start`, then `drop` over and over until the connection is closed. It never closes itself, whatever it is told:
 * sending goes on after the gateway has ended its side.
 */
export function hold (t: TestContext, socket: Socket, start: string, drop?: string): Holder {
  socket.allowHalfOpen = true
  let text = ''
  let listen = () => {}
  socket.on('data', (chunk) => { text += chunk.toString('latin1'); listen() })
  const ended = new Promise<string>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve(text))
  })
  if (start !== '') socket.write(start, 'latin1')
  if (drop !== undefined) {
    const dripping = setInterval(() => socket.write(drop, 'latin1'), 40)
    t.after(() => clearInterval(dripping))
    socket.once('close', () => clearInterval(dripping))
  }
  const heard = (pattern: RegExp) => new Promise<string>((resolve) => {
    listen = () => { if (pattern.test(text)) resolve(text) }
    listen()
  })
  return { socket, received: () => text, ended, heard }
}

/** A holder over TLS. */
export async function holdTls (t: TestContext, gateway: TestGateway, start: string, drop?: string): Promise<Holder> {
  return hold(t, await connectTo(t, gateway), start, drop)
}

/** A holder over plain TCP: half a handshake on the HTTPS port, or HTTP on the redirect port. */
export async function holdTcp (t: TestContext, port: number, start: string, drop?: string): Promise<Holder> {
  const socket = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return hold(t, socket, start, drop)
}

/** Resolves when the gateway has no connection any more: not even one that only its client holds. */
export async function allClosed ({ connections }: TestGateway): Promise<void> {
  while (connections.open > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The statuses of all answers in raw bytes. */
export function statuses (raw: string): number[] {
  return [...raw.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** The access-log lines so far. */
export function requestLines ({ logged }: TestGateway): Record<string, unknown>[] {
  return logged.filter(({ msg }) => msg === 'request')
}

/** What the log says of anything that went wrong, besides the access log. */
export function troubleLines ({ logged }: TestGateway): Record<string, unknown>[] {
  return logged.filter(({ msg, level }) => msg !== 'request' && Number(level) > 30)
}
