import { Server as NetServer } from 'node:net'
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { constants } from 'node:http2'
import type { ServerHttp2Session } from 'node:http2'
import type { FreshConnections } from './fresh-connections.ts'

// A kept-alive client may be sending just now: it gets this long for one more request, whose answer ends the connection.
const idleGrace = 500

/**
 * Closing a port in order: no new connections; each answer from now on ends its HTTP/1.1 connection; after a moment those
 * without a request are ended; HTTP/2 sessions get a GOAWAY and finish their streams. `app.close()` resolves when the last
 * connection is gone.
 */
async function drainPlugin (app: FastifyInstance, { fresh }: { fresh?: FreshConnections }): Promise<void> {
  const sessions = new Set<ServerHttp2Session>()
  let draining = false

  app.server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    if (draining) announceEnd(session)
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (draining && request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', () => {
    draining = true
    for (const session of sessions) announceEnd(session)
    return new Promise<void>((resolve) => {
      const idle = setTimeout(() => {
        fresh?.end()
        app.server.closeIdleConnections()
        for (const session of sessions) session.close()
      }, idleGrace)
      // Not the HTTP server's own close, which cuts off idle connections at once. An error only says that it did not listen.
      // Right behind the polling for events, when every connection that the system took has been accepted: those left in
      // its queue would be reset.
      setImmediate(() => NetServer.prototype.close.call(app.server, () => {
        clearTimeout(idle)
        resolve()
      }))
    })
  })
}

const highestStreamId = 2 ** 31 - 1

/**
 * Tells a client to open no more streams, without yet refusing those that are under way to us (RFC 9113 §6.8): a GOAWAY with
 * the highest stream id of all.
 */
function announceEnd (session: ServerHttp2Session): void {
  session.goaway(constants.NGHTTP2_NO_ERROR, highestStreamId)
}

export const drain = fp(drainPlugin, { name: 'drain' })
