import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { connectTo, startGateway, until } from './helper.ts'

test('an answer that began before the port closes, and ends long after, leaves no connection behind', async (t) => {
  let rest: ServerResponse | undefined
  const gateway = await startGateway(t, {}, (_request, response) => {
    response.writeHead(200, { 'content-length': 8 }).write('half')
    rest = response
  })
  const socket = await connectTo(t, gateway)
  let text = ''
  socket.on('data', (bytes) => { text += String(bytes) })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => text.endsWith('half'))
  const { server } = gateway.app
  let ended = 0
  const end = server.closeIdleConnections
  server.closeIdleConnections = () => {
    ended++
    end.call(server)
  }
  const closed = gateway.app.close()
  // After idle connections have been ended once.
  await until(() => ended === 1)
  rest!.end('half')
  await Promise.all([closed, once(socket, 'close')])
  assert.match(text, /halfhalf$/)
})
