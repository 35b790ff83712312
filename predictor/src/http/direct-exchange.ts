import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { errorBody, InternalError, isPublic, OverloadedError } from '../errors.ts'
import type { AccessLog, LoggedReply, LoggedRequest, RequestParts, Seen } from '../observe/access-log.ts'
import { type ExchangeOptions, exchangeType, readExchange, writeExchange } from './exchange.ts'

/** What all exchanges of a port share. */
export interface House {
  readonly log: AccessLog
  readonly logger: FastifyBaseLogger
  /** Whether answers end their connections now. */
  readonly endsConnections: () => boolean
}

/** An exchange's request, as far as the access log reads of one. */
class DirectRequest implements LoggedRequest {
  readonly id = randomUUID()
  readonly method = 'POST'
  readonly ip: string
  readonly raw: IncomingMessage
  readonly headers: IncomingMessage['headers']
  readonly routeOptions: { readonly url: string }
  errorCode: string | undefined
  parts: RequestParts | undefined
  seen!: Seen

  constructor (raw: IncomingMessage, path: ExchangeOptions) {
    this.raw = raw
    this.ip = raw.socket.remoteAddress!
    this.headers = raw.headers
    this.routeOptions = path
  }
}

/** Its answer, which is sent as a whole. */
class DirectReply implements LoggedReply {
  readonly raw: ServerResponse
  readonly request: DirectRequest
  readonly #house: House
  #bytes = 0

  constructor (raw: ServerResponse, request: DirectRequest, house: House) {
    this.raw = raw
    this.request = request
    this.#house = house
  }

  get statusCode (): number {
    return this.raw.statusCode
  }

  /** Of the only header that the access log asks for. */
  getHeader (): number {
    return this.#bytes
  }

  /** @param more names and values, one after the other */
  send (status: number, type: string, text: string, ...more: string[]): void {
    // Its client left.
    if (this.raw.destroyed) return
    this.#bytes = Buffer.byteLength(text)
    if (this.#house.endsConnections()) more.push('connection', 'close')
    this.raw.writeHead(status, ['x-request-id', this.request.id, 'content-type', type, 'content-length', String(this.#bytes), ...more])
    // With the head in one string, and one write. ASCII takes Node's shorter way.
    this.raw.end(text, this.#bytes === text.length ? 'latin1' : 'utf8')
  }

  /** Answers the exchange as a whole with an error. */
  refuse (error: unknown): void {
    const { request } = this
    const told = isPublic(error) ? error : new InternalError()
    const status = told.statusCode ?? 500
    request.errorCode = told.code
    const isOverload = told instanceof OverloadedError
    if (status >= 500 && !isOverload) this.#house.logger.error({ requestId: request.id, err: error, code: told.code }, 'request failed')
    const body = JSON.stringify(errorBody(told, request.id))
    this.send(status, 'application/json; charset=utf-8', body, ...isOverload ? ['retry-after', '1'] : [])
  }
}

/**
 * Reads, answers and logs one exchange, whose announced length is within the limit. Node sees to it that the body is as long
 * as that: one that ends before it never comes to its end, but to `clientError`, or its connection closes.
 */
export function answerDirectly (house: House, path: ExchangeOptions, raw: IncomingMessage, response: ServerResponse): void {
  const request = new DirectRequest(raw, path)
  const reply = new DirectReply(response, request, house)
  house.log.started(request, reply)
  const pieces: Buffer[] = []
  raw.on('data', (piece: Buffer) => { pieces.push(piece) })
  raw.on('end', () => { void answer(path, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), reply) })
}

async function answer ({ itemsMax, answer }: ExchangeOptions, bytes: Buffer, reply: DirectReply): Promise<void> {
  let text: string
  try {
    const items = readExchange(bytes, itemsMax)
    const answers = await answer(items)
    reply.request.parts = { codes: answers.map(({ code }) => code), exchange: { items, answers } }
    text = writeExchange(answers)
  } catch (error) {
    reply.refuse(error)
    return
  }
  reply.send(200, exchangeType, text)
}
