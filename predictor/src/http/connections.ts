import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Readiness } from '../readiness.ts'

/**
 * Lets open connections end while draining. Node closes those that are idle when `close()` is called; left are those
 * that answer a request at that moment, which keep-alive would hold open for more than a minute, and those that have
 * never sent a byte, which Node does not count as idle.
 */
export const connections = fp(async (app: FastifyInstance, { readiness }: { readiness: Readiness }) => {
  const open = new Set<Socket>()
  app.server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => { open.delete(socket) })
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!readiness.ready) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', async () => {
    for (const socket of open) {
      if (socket.bytesRead === 0) socket.destroy()
    }
  })
}, { name: 'connections', fastify: '5.x' })
