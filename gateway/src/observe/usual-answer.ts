import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logged } from './access-line.ts'

/** What the access log knows of a request of the usual way, asked for when its answer is out. */
export class UsualAnswer implements Logged {
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor (request: FastifyRequest, reply: FastifyReply) {
    this.#request = request
    this.#reply = reply
  }

  get id () { return this.#request.id }

  get trace () { return this.#request.trace }

  get client () { return this.#request.client }

  get clientIdentity () { return this.#request.clientIdentity }

  get method () { return this.#request.method }

  get url () { return this.#request.raw.url ?? '' }

  get httpVersion () { return this.#request.raw.httpVersion }

  get errorCode () { return this.#request.errorCode }

  get trip () { return this.#request.trip }

  get seen () { return this.#request.seen! }

  get statusCode () { return this.#reply.statusCode }

  get hasLeft () {
    const { raw } = this.#request
    return !this.#reply.raw.headersSent || (raw.aborted && !raw.complete)
  }

  get isWhole () { return this.#reply.raw.writableFinished }

  get bytesIn () {
    const { body } = this.#request
    return Buffer.isBuffer(body) ? body.length : 0
  }

  get bytesOut () {
    const { streamed } = this.seen
    if (streamed > 0) return streamed
    if (this.method === 'HEAD' || !this.#reply.raw.headersSent) return 0
    return Number(this.#reply.getHeader('content-length') ?? 0)
  }
}
