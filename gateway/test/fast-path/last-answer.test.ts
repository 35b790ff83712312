import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { exchangeUpstream } from '../exchange-upstream.ts'
import { connectTo, startGateway, until } from '../helper.ts'

const predict = (more = '') => `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${more}Content-Length: 2\r\n\r\n{}`

test('what comes behind the answer that ends a connection is no request: nobody would be answered', async (t) => {
  const seen: number[] = []
  const gateway = await startGateway(t, {}, exchangeUpstream(seen))
  let held: TLSSocket | undefined
  let close = () => {}
  gateway.app.server.prependListener('secureConnection', (socket: TLSSocket) => {
    held = socket
    // The moment between the end of what is said and the end of the connection, as long as the test wants it.
    socket._final = (done) => { close = done }
  })
  const socket = await connectTo(t, gateway)
  socket.write(predict('Connection: close\r\n'))
  await once(socket, 'data')
  await until(() => held!.writableEnded)
  socket.write(predict())
  await once(held!, 'data')
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  assert.deepEqual(seen, [1])
  close()
  await until(() => gateway.connections.open === 0)
  assert.deepEqual(gateway.logged.filter(({ msg }) => msg === 'request').map(({ status }) => status), [201])
})
