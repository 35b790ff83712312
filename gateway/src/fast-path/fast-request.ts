import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client } from '../client-address.ts'
import { Overloaded, RateLimited, errorBody, publicError } from '../errors.ts'
import { arrive } from '../limits/arrival.ts'
import { clientKey } from '../limits/client-key.ts'
import type { Decision } from '../limits/gcra.ts'
import type { Seen } from '../observe/access-line.ts'
import { traceparentOf } from '../observe/trace-context.ts'
import type { TraceContext } from '../observe/trace-context.ts'
import type { Tracing } from '../observe/tracing/tracing.ts'
import { plainly } from '../upstream/coalescer.ts'
import type { Coalescer, Passenger } from '../upstream/coalescer.ts'
import type { ExchangeAnswer } from '../upstream/exchange.ts'
import type { Trip } from '../upstream/trip.ts'
import { writeAnswer } from './answer.ts'
import { handOver } from './handover.ts'
import type { Head } from './head.ts'
import type { FastLane } from './lane.ts'

export interface FastRequestParts {
  lane: FastLane
  coalescer: Coalescer
  raw: IncomingMessage
  response: ServerResponse
  head: Head
  id: string
  client: Client
  trace: TraceContext
}

/**
 * One small request from its headers to its answer: counted, its body read, sent in an exchange, answered. It is what the
 * access log takes for a request and its reply, and what the coalescer takes for a passenger.
 */
export class FastRequest implements Passenger {
  readonly raw: IncomingMessage
  readonly id: string
  readonly client: Client
  readonly trace: TraceContext
  readonly method = 'POST'
  readonly clientIdentity = undefined
  readonly identity = undefined
  readonly request = this
  errorCode: string | undefined
  trip: Trip | undefined
  seen: Seen | undefined
  body: Buffer = nothing

  readonly #lane: FastLane
  readonly #coalescer: Coalescer
  readonly #response: ServerResponse
  readonly #host: string
  readonly #length: number
  readonly #key: string
  #decision: Decision | undefined
  /** The body's first bytes, when it comes in several pieces. */
  #pieces: Buffer[] | undefined
  #received = 0
  readonly #reply: { raw: ServerResponse, request: FastRequest, statusCode: number, length: number, getHeader: () => number }
  #isHolding = false
  #isHandedOver = false

  constructor ({ lane, coalescer, raw, response, head, id, client, trace }: FastRequestParts) {
    this.#lane = lane
    this.#coalescer = coalescer
    this.#response = response
    this.#host = head.host
    this.#length = head['content-length']
    this.#key = clientKey(client.address)
    this.raw = raw
    this.id = id
    this.client = client
    this.trace = trace
    this.#reply = { raw: response, request: this, statusCode: 0, length: 0, getHeader: contentLength }
  }

  start (): void {
    const { log, limiter } = this.#lane
    log.started(this as never, this.#reply as never)
    const { tracing } = this.#lane
    if (tracing !== undefined && this.trace.sampled) this.#response.once('close', () => this.#record(tracing))
    const decision = limiter?.consume(this.#key)
    if (decision instanceof Promise) decision.then((later) => this.#decided(later)).catch((error) => this.#refuse(error))
    else this.#decided(decision)
  }

  get traceparent (): string {
    return traceparentOf(this.trace)
  }

  get tracestate (): string | undefined {
    return this.trace.state
  }

  leaves (trip: Trip): void {
    this.trip = trip
  }

  done (outcome: ExchangeAnswer | Error | typeof plainly): void {
    // The client may be gone, or have been told already that its body came too late.
    if (this.#response.destroyed || this.#response.headersSent) return
    if (outcome === plainly) {
      this.#release()
      handOver(this.raw, this)
      this.#isHandedOver = true
      this.#lane.handler(this.raw, this.#response)
    } else if (outcome instanceof Error) {
      this.#refuse(outcome)
    } else {
      this.#answer(outcome.status, outcome.body.toString('latin1'), outcome.status === 503 ? 1 : undefined)
    }
  }

  #decided (decision: Decision | undefined): void {
    this.#decision = decision
    // While a shared limit was asked the client may have gone: whatever is taken now would never be given back.
    if (this.#response.destroyed) return
    const failure = arrive(this.raw)
    if (failure !== undefined) return this.#refuse(failure)
    if (decision?.admitted === false) return this.#refuse(new RateLimited(Math.max(1, Math.ceil(decision.ttlMs / 1000))))
    if (!this.#lane.memory.take(this.#key, this.#length, false)) return this.#refuse(new Overloaded())
    this.#isHolding = true
    this.#response.on('close', () => this.#closed())
    this.raw.on('data', (piece: Buffer) => this.#arrived(piece))
    // It did not arrive in time, or not at all: what comes on this connection is the rest of it.
    this.raw.on('error', (error) => {
      this.#response.shouldKeepAlive = false
      this.raw.removeAllListeners('data')
      this.raw.resume()
      this.#refuse(error)
    })
  }

  #arrived (piece: Buffer): void {
    this.#received += piece.length
    if (this.#received < this.#length) {
      (this.#pieces ??= []).push(piece)
      return
    }
    this.body = this.#pieces === undefined ? piece : Buffer.concat([...this.#pieces, piece])
    this.#coalescer.add(this)
  }

  #closed (): void {
    this.#release()
    this.#coalescer.leave(this)
  }

  #release (): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#lane.memory.give(this.#key, this.#length)
  }

  #record (tracing: Tracing): void {
    if (this.#isHandedOver) return
    tracing.record({
      trace: this.trace,
      trip: this.trip,
      start: this.seen!.start,
      requestId: this.id,
      method: this.method,
      scheme: 'https',
      host: this.#host,
      path: this.raw.url!,
      httpVersion: '1.1',
      client: this.client,
      status: this.#response.writableFinished ? this.#reply.statusCode : undefined,
      code: this.errorCode
    })
  }

  #refuse (error: unknown): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    const told = publicError(error)
    this.errorCode = told.code
    // A bug of ours: its cause is told nowhere else.
    if (told.statusCode === 500) this.#lane.logger.error({ err: error, requestId: this.id }, 'internal error')
    const limited = told.statusCode === 429 ? Math.ceil(this.#decision!.ttlMs / 1000) : undefined
    this.#answer(told.statusCode, JSON.stringify(errorBody(told, this.id)), told.statusCode === 503 ? 1 : limited)
  }

  /** @param text one character a byte */
  #answer (status: number, text: string, retryAfter?: number): void {
    const { headers, limiter, isDraining } = this.#lane
    const decision = this.#decision
    this.#reply.statusCode = status
    this.#reply.length = text.length
    writeAnswer(this.#response, {
      status,
      text,
      id: this.id,
      constant: headers,
      limit: decision === undefined ? undefined : { burst: limiter!.burst, decision },
      retryAfter,
      isLast: isDraining()
    })
  }
}

const nothing = Buffer.alloc(0)

function contentLength (this: { length: number }): number {
  return this.length
}
