import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// An upstream whose `/large` never ends.
const piece = Buffer.alloc(65536, 'x')
const server = createServer(({ url }, response) => {
  if (url !== '/large') return response.end('fine')
  const more = () => { while (!response.destroyed && response.write(piece)); }
  response.on('drain', more)
  more()
}).listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`)
