import type { IncomingMessage, RequestListener } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { AccessLog } from '../observe/access-log.ts'
import { answerDirectly } from './direct-exchange.ts'
import { type ExchangeOptions, exchangeLimit, exchangeType } from './exchange.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every path that takes exchanges. */
    exchangePaths: Map<string, ExchangeOptions>
  }
}

/**
 * Takes exchanges as the gateway sends them past Fastify, whose way through hooks, parsers and serialisers adds a third to all
 * the rest of a small exchange, its execution included (measured). What is answered and logged is the same. A request that
 * differs in anything from the gateway's goes the usual way, where such things are judged.
 */
export const exchangeDoor = fp(async (app: FastifyInstance, { log }: { log: AccessLog }) => {
  const paths = new Map<string, ExchangeOptions>()
  app.decorate('exchangePaths', paths)
  const usual = app.server.listeners('request')[0] as RequestListener
  const house = { log, logger: app.log, endsConnections: app.endsConnections }
  app.server.off('request', usual)
  app.server.on('request', (request, response) => {
    const path = isFromGateway(request) ? paths.get(request.url!) : undefined
    if (path === undefined) usual.call(app.server, request, response)
    else answerDirectly(house, path, request, response)
  })
}, { name: 'exchange-door', fastify: '5.x', dependencies: ['connections'] })

/** Whether its headers are host, type and length, with or without `connection: keep-alive`: each once, and no other. */
function isFromGateway ({ method, httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  if (headers['content-type'] !== exchangeType || method !== 'POST' || httpVersion !== '1.1' || headers.host === undefined) return false
  const length = Number(headers['content-length'] ?? 0)
  if (length === 0 || length > exchangeLimit) return false
  // Names and values, one after the other: there is no room for another header, or the same one twice.
  return rawHeaders.length === 6 || (rawHeaders.length === 8 && headers.connection === 'keep-alive')
}
