import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { BadRequest, Overloaded } from '../errors.ts'
import { clientKey } from './client-key.ts'

const mebibyte = 1024 * 1024

/**
 * Bytes of bodies held at a time: of requests, from their arrival to their answers, and of answers that their clients have
 * not taken yet. `BODY_LIMIT` bounds one body; without this, the streams of a few HTTP/2 clients would add up to gigabytes.
 */
const total = 256 * mebibyte
/** Longer bodies leave room for short ones, so that a few that upload much do not shut out the many that ask little. */
const totalForLong = total * 3 / 4
const long = 65536

/** Who holds how much. */
export class BodyMemory {
  readonly #perClientMax: number
  readonly #perClient = new Map<string, number>()
  #held = 0

  /** @param longest bytes of one body at most: a client may hold at least that */
  constructor (longest: number) {
    this.#perClientMax = Math.max(total / 8, longest)
  }

  get held (): number {
    return this.#held
  }

  /** Takes room when there is some. */
  take (client: string, bytes: number, isLong: boolean): boolean {
    const own = (this.#perClient.get(client) ?? 0) + bytes
    if (own > this.#perClientMax || this.#held + bytes > (isLong ? totalForLong : total)) return false
    this.#perClient.set(client, own)
    this.#held += bytes
    return true
  }

  give (client: string, bytes: number): void {
    const left = this.#perClient.get(client)! - bytes
    if (left === 0) this.#perClient.delete(client)
    else this.#perClient.set(client, left)
    this.#held -= bytes
  }
}

/**
 * Counts bodies as they arrive: short ones by the length they announce, others by the bytes that really come, since announcing
 * costs nothing. Who finds no room gets 503.
 */
async function bodyMemoryPlugin (app: FastifyInstance, { memory: bodies }: { memory: BodyMemory }): Promise<void> {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const announced = Number(request.headers['content-length'] ?? NaN)
    if (announced === 0) return done()
    const client = clientKey(request.client.address)
    const isLong = !(announced <= long)
    let held = 0
    // While a shared limit was asked the client may have gone: what is taken then would never be given back.
    if (reply.raw.destroyed || reply.raw.closed) return done(new BadRequest('The request was taken back.'))
    let isOver = false
    const take = (bytes: number) => {
      const taken = !isOver && bodies.take(client, bytes, isLong)
      if (taken) held += bytes
      return taken
    }
    reply.raw.once('close', () => {
      isOver = true
      if (held > 0) bodies.give(client, held)
    })
    if (!isLong) return done(take(announced) ? null : new Overloaded())
    payload.on('data', ({ length }: Buffer) => {
      if (length > 0 && !take(length)) refuse(payload as IncomingMessage)
    })
    done()
  })
}

/** Whoever reads the body hears of it; once. */
function refuse (payload: IncomingMessage): void {
  if (payload.listenerCount('error') > 0) payload.emit('error', new Overloaded())
}

export const bodyMemory = fp(bodyMemoryPlugin, { name: 'body-memory', dependencies: ['identity'] })
