import { clientOf } from '../client-address.ts'
import type { Client } from '../client-address.ts'
import { BadRequest, Overloaded, RateLimited, errorBody, publicError } from '../errors.ts'
import { clientKey } from '../limits/client-key.ts'
import type { Decision } from '../limits/gcra.ts'
import type { Logged, Seen } from '../observe/access-line.ts'
import { traceContext, traceparentOf } from '../observe/trace-context.ts'
import type { TraceContext } from '../observe/trace-context.ts'
import type { Tracing } from '../observe/tracing/tracing.ts'
import { requestId } from '../request-id.ts'
import { plainly } from '../upstream/coalescer.ts'
import type { Coalescer, Passenger } from '../upstream/coalescer.ts'
import type { ExchangeAnswer } from '../upstream/exchange.ts'
import type { Trip } from '../upstream/trip.ts'
import { answerText } from './answer.ts'
import type { FastConnection } from './fast-connection.ts'
import type { Head } from './head.ts'
import type { FastHead } from './request-reader.ts'

/**
 * One small request from its arrival to its answer: counted, sent in an exchange, answered. It is what the access log takes for
 * a request and its answer, and what the coalescer takes for a passenger.
 */
export class FastRequest implements Passenger, Logged {
  readonly bytes: Buffer
  readonly body: string
  readonly id: string
  readonly client: Client
  readonly trace: TraceContext
  readonly seen: Seen
  readonly method = 'POST'
  readonly url: string
  readonly httpVersion = '1.1'
  readonly clientIdentity = undefined
  readonly identity = undefined
  errorCode: string | undefined
  trip: Trip | undefined
  statusCode = 0
  bytesOut = 0
  isWhole = false

  readonly #connection: FastConnection
  readonly #coalescer: Coalescer
  readonly #head: Head
  #decision: Decision | undefined
  #isLast: boolean
  #isTaken = false
  #isHolding = false
  #isOver = false

  /**
   * @param bytes the whole request, as it came
   * @param body of it, a character a byte
   */
  constructor (connection: FastConnection, { coalescer, head, isLast }: FastHead, bytes: Buffer, body: string) {
    const { lane, peer } = connection
    const { tracing, log } = lane
    const headers = head as never
    this.#connection = connection
    this.#coalescer = coalescer
    this.#head = head
    this.#isLast = isLast
    this.bytes = bytes
    this.body = body
    this.url = head.target
    this.id = requestId({ headers })
    const forwardedFor = head['x-forwarded-for']
    this.client = forwardedFor === undefined ? peer.client : clientOf(peer.client.address, forwardedFor, lane.trusted)
    this.trace = traceContext(headers, peer.isTrusted, tracing?.share)
    this.seen = log.begin(this.method, connection.fields)
  }

  start (): void {
    const { limiter } = this.#connection.lane
    const decision = limiter?.consume(this.#key)
    if (decision instanceof Promise) decision.then((later) => this.#decided(later)).catch((error) => this.#refuse(error))
    else this.#decided(decision)
  }

  /** Nothing was said to it. */
  get hasLeft (): boolean {
    return this.statusCode === 0
  }

  get bytesIn (): number {
    return this.#isTaken ? this.body.length : 0
  }

  /** Its client has closed its side in the middle of the body. */
  cutShort (): void {
    const decision = this.#connection.lane.limiter?.consume(this.#key)
    if (!(decision instanceof Promise)) this.#decision = decision
    this.#isLast = true
    this.#refuse(new BadRequest('The request is not valid HTTP.'))
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
    if (this.#isOver || !this.hasLeft || !this.#connection.isOpen) return
    if (outcome === plainly) {
      this.#release()
      this.#isOver = true
      this.#connection.leaveRequest({ id: this.id, seen: this.seen, decision: this.#decision })
    } else if (outcome instanceof Error) {
      this.#refuse(outcome)
    } else {
      this.#answer(outcome.status, outcome.body, outcome.status === 503 ? 1 : undefined)
    }
  }

  /** Its answer was taken, or its connection is gone. */
  over (isWhole: boolean): void {
    const { log, tracing } = this.#connection.lane
    this.#isOver = true
    this.isWhole = isWhole
    this.#release()
    this.#coalescer.leave(this)
    log.ended(this)
    if (tracing !== undefined && this.trace.sampled) this.#record(tracing)
  }

  get #key (): string {
    const { client, key } = this.#connection.peer
    return this.client.address === client.address ? key : clientKey(this.client.address)
  }

  #decided (decision: Decision | undefined): void {
    this.#decision = decision
    // While a shared limit was asked the client may have gone: whatever is taken now would never be given back.
    if (this.#isOver) return
    if (decision?.admitted === false) return this.#refuse(new RateLimited(Math.max(1, Math.ceil(decision.ttlMs / 1000))))
    if (!this.#connection.lane.memory.take(this.#key, this.body.length, false)) return this.#refuse(new Overloaded())
    this.#isTaken = this.#isHolding = true
    this.#coalescer.add(this)
  }

  #release (): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#connection.lane.memory.give(this.#key, this.body.length)
  }

  #record (tracing: Tracing): void {
    tracing.record({
      trace: this.trace,
      trip: this.trip,
      start: this.seen.start,
      requestId: this.id,
      method: this.method,
      scheme: 'https',
      host: this.#head.host,
      path: this.url,
      httpVersion: this.httpVersion,
      client: this.client,
      status: this.isWhole ? this.statusCode : undefined,
      code: this.errorCode
    })
  }

  #refuse (error: unknown): void {
    if (this.#isOver || !this.hasLeft || !this.#connection.isOpen) return
    const told = publicError(error)
    this.errorCode = told.code
    // A bug of ours: its cause is told nowhere else.
    if (told.statusCode === 500) this.#connection.lane.logger.error({ err: error, requestId: this.id }, 'internal error')
    const limited = told.statusCode === 429 ? Math.ceil(this.#decision!.ttlMs / 1000) : undefined
    this.#answer(told.statusCode, JSON.stringify(errorBody(told, this.id)), told.statusCode === 503 ? 1 : limited)
  }

  /** @param body a character a byte */
  #answer (status: number, body: string, retryAfter?: number): void {
    const { headers, limiter, isDraining, times } = this.#connection.lane
    const decision = this.#decision
    const isLast = this.#isLast || isDraining()
    this.statusCode = status
    this.bytesOut = body.length
    this.#connection.answer(answerText({
      status,
      body,
      id: this.id,
      constant: headers,
      keepAlive: Math.floor(times.keepAlive / 1000),
      limit: decision === undefined ? undefined : { burst: limiter!.burst, decision },
      retryAfter,
      isLast
    }), isLast)
  }
}
