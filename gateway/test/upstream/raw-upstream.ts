import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface RawUpstream {
  url: string
  port: number
  /** The connections over which something else than health checks came, in order, closed ones too. */
  connections: Socket[]
  /** The bodies of exchanges, in order of arrival. */
  exchanges: string[]
  /** Those connections of all that are open. */
  open: Set<Socket>
}

/**
 * An upstream that answers each POST with bytes of the test's own making, once it is there in full; and is always ready.
 * @param answer is told how many came before
 */
export async function startRawUpstream (t: Pick<TestContext, 'after'>, answer: (socket: Socket, count: number) => void, host = '127.0.0.1'): Promise<RawUpstream> {
  const upstream: RawUpstream = { url: '', port: 0, connections: [], exchanges: [], open: new Set() }
  const server = createServer((socket) => {
    upstream.open.add(socket)
    socket.on('error', () => {}).on('close', () => upstream.open.delete(socket))
    let text = ''
    socket.on('data', (piece) => {
      text += piece.toString('latin1')
      const end = text.indexOf('\r\n\r\n') + 4
      if (end === 3) return
      if (text.startsWith('GET ')) return socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      const length = Number(/\r\ncontent-length: (\d+)\r\n/.exec(text)![1])
      if (text.length < end + length) return
      if (!upstream.connections.includes(socket)) upstream.connections.push(socket)
      upstream.exchanges.push(text.slice(end, end + length))
      text = text.slice(end + length)
      answer(socket, upstream.exchanges.length - 1)
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of upstream.open) socket.destroy()
    server.close()
  })
  upstream.port = (server.address() as AddressInfo).port
  upstream.url = `http://${host.includes(':') ? `[${host}]` : host}:${upstream.port}`
  return upstream
}

/** An answer with a length, as most are. */
export function withLength (body: string, headers = '', status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/x-exchange\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
}
