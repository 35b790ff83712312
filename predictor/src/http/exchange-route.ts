import type { FastifyInstance } from 'fastify'
import { exchangeLimit, type ExchangeOptions, exchangeType, readExchange, writeExchange } from './exchange.ts'

/**
 * Lets a POST path take exchanges: several requests from the gateway in one. An error that is thrown answers the exchange
 * as a whole. Paths that are not registered here answer an exchange with 415, which tells the gateway not to send one again.
 */
export async function exchangeRoute (app: FastifyInstance, options: ExchangeOptions): Promise<void> {
  const { url, itemsMax, answer } = options
  app.exchangePaths.set(url, options)
  app.addContentTypeParser(exchangeType, { parseAs: 'buffer' }, (_request, bytes, done) => { done(null, bytes) })
  app.post<{ Body: Buffer }>(url, {
    constraints: { mediaType: exchangeType },
    bodyLimit: exchangeLimit
  }, async (request, reply) => {
    const items = readExchange(request.body, itemsMax)
    const answers = await answer(items)
    request.parts = { codes: answers.map(({ code }) => code), exchange: { items, answers } }
    reply.header('content-type', exchangeType)
    return writeExchange(answers)
  })
}
