import { Server as NetServer } from 'node:net'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Readiness } from '../readiness.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether answers end their connections now. */
    endsConnections: () => boolean
  }
}

// A kept-alive client may be sending just now: it gets this long for one more request, whose answer ends the connection.
const idleGrace = 500

/**
 * Closes the port in order: no new connections; each answer from now on ends its connection; those without a request are
 * ended after a moment. Node's own close cuts idle connections off at once, and with them requests that are on their way;
 * it waits for those that have never sent a byte, which it does not count as idle. `app.close()` resolves when the last
 * connection is gone.
 */
export const connections = fp(async (app: FastifyInstance, { readiness }: { readiness: Readiness }) => {
  const open = new Set<Socket>()
  let closing = false
  app.server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => { open.delete(socket) })
  })
  const endsConnections = () => closing || !readiness.ready
  app.decorate('endsConnections', endsConnections)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (endsConnections()) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', () => new Promise<void>((resolve) => {
    closing = true
    // Again and again: an answer that began before now ends without a word about its connection, which is idle then.
    const idle = setInterval(() => {
      app.server.closeIdleConnections()
      for (const socket of open) {
        if (socket.bytesRead === 0) socket.destroy()
      }
    }, idleGrace)
    // An error only says that it did not listen.
    afterShortTurn(() => NetServer.prototype.close.call(app.server, () => {
      clearInterval(idle)
      resolve()
    }))
  }))
}, { name: 'connections', fastify: '5.x' })

/**
 * Calls back right after a short turn of the event loop, when every connection that the system took has been accepted:
 * closing the port resets those that it still holds in its queue.
 */
function afterShortTurn (callback: () => void, turnsLeft = 100): void {
  const start = performance.now()
  setImmediate(() => {
    if (turnsLeft === 0 || performance.now() - start < shortTurn) callback()
    else afterShortTurn(callback, turnsLeft - 1)
  })
}

// Milliseconds.
const shortTurn = 0.2
