import { Server as NetServer } from 'node:net'
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { ServerHttp2Session } from 'node:http2'
import type { FastPath } from './fast-path.ts'
import type { FreshConnections } from './fresh-connections.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it is being closed. */
    isDraining: () => boolean
  }
}

// A kept-alive client may be sending just now: it gets this long for one more request, whose answer ends the connection.
const idleGrace = 500

/**
 * Closing a port in order: no new connections; each answer from now on ends its HTTP/1.1 connection; after a moment those
 * without a request are ended; HTTP/2 sessions get a GOAWAY and finish their streams. `app.close()` resolves when the last
 * connection is gone.
 */
async function drainPlugin (
  app: FastifyInstance, { fresh, fast }: { fresh?: FreshConnections, fast?: FastPath | undefined }
): Promise<void> {
  const sessions = new Set<ServerHttp2Session>()
  let draining = false
  app.decorate('isDraining', () => draining)
  let ending = false

  app.server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    if (ending) session.close()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (draining && request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', () => {
    draining = true
    return new Promise<void>((resolve) => {
      // Again and again: an answer that began before now ends without a word about its connection, which is idle then.
      const idle = setInterval(() => {
        app.server.closeIdleConnections()
        fast?.endIdle()
        if (ending) return
        ending = true
        fresh?.end()
        // GOAWAY with the last stream that was taken (RFC 9113 §6.8): a client knows of later ones that nobody has seen them.
        for (const session of sessions) session.close()
      }, idleGrace)
      // Not the HTTP server's own close, which cuts off idle connections at once. An error only says that it did not listen.
      afterShortTurn(() => NetServer.prototype.close.call(app.server, () => {
        clearInterval(idle)
        resolve()
      }))
    })
  })
}

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

export const drain = fp(drainPlugin, { name: 'drain' })
