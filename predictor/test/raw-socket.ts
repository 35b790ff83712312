import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

/** Opens a TCP connection to the server at `url`, for bytes that no HTTP client would send. */
export async function connectTo (url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  return socket
}

/** Sends bytes and returns all that comes back until the server closes the connection. */
export async function exchange (url: string, bytes: string): Promise<string> {
  const socket = await connectTo(url)
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => { received += chunk })
  // A server that answers early and closes resets what is still being sent to it.
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close')
  return received
}

/** Splits a raw response; the headers' names are in lower case. */
export function parse (response: string): { status: number, headers: Record<string, string>, body: string } {
  const [head, body] = response.split('\r\n\r\n', 2)
  const [statusLine, ...lines] = head!.split('\r\n')
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
  return { status: Number(statusLine!.split(' ')[1]), headers, body: body! }
}
