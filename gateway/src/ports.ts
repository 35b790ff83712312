import type { Server } from 'node:net'
import { isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { MistakesError } from './mistakes.ts'

export interface Port {
  app: FastifyInstance
  host: string
  port: number
  /** The variable that set the port, named when it is taken. */
  variable: string
}

/**
 * Opens a port. Fastify's own `listen` would log a second line about it, and closing is done in order by the drain plugin.
 * @returns the address it is reached at, with the port that was given when 0 was asked for
 * @throws {MistakesError} when the address can't be had
 */
export async function openPort ({ app, host, port, variable }: Port, scheme: 'http' | 'https'): Promise<string> {
  await app.ready()
  const server: Server = app.server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new MistakesError([`${variable}: ${host}:${port} ${unavailable(error)}`])))
    server.listen({ host, port }, resolve)
  })
  server.removeAllListeners('error')
  const address = server.address() as { port: number }
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${address.port}`
}

function unavailable ({ code }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'is taken by another process.'
  if (code === 'EACCES') return 'may not be opened by this user.'
  return `cannot be opened (${code}).`
}
